"""The acceptance list of the Eucalyptus driver, on the dialect server, most of it through the product itself.

It proves what we read in the sources of 4.4.6 and 5.1.0, not what a real cloud does: for that there is
`manage.py cloud check NAME --launch`. Files without a folder are here; `../` is tests/eucalyptus/.

 1 each call against the lists of 4.4 and 5.1  every test: the server refuses what is not on them;
                                               ../test_driver.py test_what_the_cloud_would_refuse_is_not_sent_at_all
 2 no ClientToken where it is not known        test_writes.py test_what_botocore_adds_by_itself_never_reaches_the_wire
 3 a launch: answer lost, worker killed        test_launching.py test_whatever_becomes_of_the_answer_...,
                                               test_kills.py (five steps, and the answer lost; 4.4)
 4 CreateVolume: answer lost                   test_writes.py test_a_volume_whose_answer_is_lost_is_one_volume: the
                                               product makes none but roots; addresses, which have no token either,
                                               test_an_address_whose_answer_is_lost_is_said_to_a_person_...
 5 limit, no room, service away                test_launching.py, "three reasons"
 6 503 from a write: one request               test_writes.py test_a_write_is_sent_once
 7 types: never empty, the table with its age  test_faults.py test_a_list_of_types_that_is_empty_or_none_...
 8 5,000 instances                             test_scale.py; queries: test_pages.py test_the_list_takes_as_many_...
 9 other order, fields missing, forms of ids   test_faults.py test_the_same_in_another_order_with_less_is_the_same;
                                               ../test_accounts.py test_ids_of_any_form_are_taken_as_they_are
10 whose key signs each call; verbose          test_accounts.py, "whose key"
11 an account twice                            test_accounts.py, "an account twice"
12 limits: written, read, by hand, deleted     test_accounts.py, "limits"
13 leaving an account                          test_accounts.py test_leaving_an_account_...; deleted as well where it
                                               is asked for, and refused while anything is in it:
                                               ../test_connecting.py test_an_account_goes_with_the_tenant_...
14 instance store: no stop                     test_pages.py test_one_of_the_instance_store_has_no_stop_and_says_why
15 EDGE and VPC                                test_pages.py, "networks"
16 console: text                               test_pages.py, "consoles"
17 calls without effect                        test_pages.py test_what_is_not_there_or_without_effect_is_refused_...:
                                               409, as all that is refused; the driver itself says 501
18 clock, secret, inactive key                 test_faults.py, "keys and clocks". Secret and inactive key have one help
                                               text: by its codes the cloud does not tell them apart, only in words
19 TLS                                         test_faults.py, "certificates"
20 S3                                          with the profile that people are given, on Swift's S3:
                                               ../../openstack/test_s3_tools.py. The driver itself asks which buckets
                                               there are: ../test_accounts.py, and on Swift ../../openstack/test_s3.py
21 metrics off                                 test_pages.py test_without_metrics_every_page_works
22 addresses of this machine                   test_faults.py, "where it may be"; ../test_wire.py

Other servers: ../test_moto.py, ../../openstack/test_s3.py and test_s3_tools.py, and OpenStack's ec2-api in
../../openstack/test_ec2_api.py: that a launch which is asked for twice is one instance (3) and that a wrong secret is
told (18) is tried there as well.
"""
