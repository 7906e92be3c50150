"""What is in a lab from the start, made through its APIs; each part leaves alone what is there already.

catalogue.py   roles, the services' own accounts, where each service is
people.py      projects and users
things.py      flavors, images, networks, key pairs
computes.py    waits for the compute hosts; keeps kvm1 for flavors that ask for it
servers.py     any number of servers more, and away with them
"""
