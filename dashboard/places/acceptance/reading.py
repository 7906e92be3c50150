"""What changes nothing: each list of the cloud, once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from dashboard.clouds.interface import AuthFailed, CloudFacts, Driver, Feature, Reason, Refused

from .results import NotPossible, Result, Told, attempt

T = TypeVar("T")
Step = tuple[str, Callable[[], Told]]


def of_cloud(driver: Driver, *, tell: Callable[[CloudFacts], None]) -> Iterator[Result]:
    """With the cloud's own credential. `tell` hears what the cloud says about itself."""
    yield attempt("sign in", lambda: signed_in(driver, tell))
    yield attempt("list places", lambda: allowed(lambda: count(given(driver.places).list())))
    yield attempt("list hosts", lambda: count(offered(driver, Feature.CAPACITY, driver.capacity).hosts()))


def of_place(driver: Driver) -> Iterator[Result]:
    """With a tenant's, where there are such; else with the cloud's own too."""
    for step, do in steps(driver):
        yield attempt(step, do)


def steps(driver: Driver) -> Iterator[Step]:
    yield "list instances", lambda: count(driver.compute.list())
    yield "list images", lambda: count(driver.images.list())
    yield "list flavors", lambda: count(given(driver.flavors).list())
    yield "list zones", lambda: count(offered(driver, Feature.ZONES, driver.placing).zones())
    yield "list server groups", lambda: count(offered(driver, Feature.SERVER_GROUPS, driver.placing).groups())
    yield "list networks", lambda: count(given(driver.networks).networks())
    yield "list ports", lambda: count(given(driver.networks).ports())
    yield (
        "list security groups",
        lambda: count(offered(driver, Feature.SECURITY_GROUPS, driver.networks).security_groups()),
    )
    yield "list floating IPs", lambda: count(offered(driver, Feature.FLOATING_IPS, driver.networks).floating_ips())
    yield "read limits", lambda: count(offered(driver, Feature.QUOTAS, driver.quotas).get())
    yield "ask for changes", lambda: count(offered(driver, Feature.CHANGES, driver.history).changes("").instances)


def signed_in(driver: Driver, tell: Callable[[CloudFacts], None]) -> Told:
    facts = driver.check()
    tell(facts)
    return ", ".join([facts.version, *(f"{name}: {said}" for name, said in facts.notes.items())])


def count(things: Iterable[object]) -> int:
    return sum(1 for _thing in things)


def allowed(do: Callable[[], T]) -> T:
    """What only an administrator's key may: with another one it is not possible, which is no failure."""
    try:
        return do()
    except (AuthFailed, Refused) as error:
        if isinstance(error, Refused) and error.reason is not Reason.POLICY:
            raise
        raise NotPossible("the cloud's own key may not do that") from None


def given(service: Any) -> Any:
    if service is None:
        raise NotPossible("this cloud has none")
    return service


def offered(driver: Driver, feature: Feature, service: Any) -> Any:
    if feature not in driver.features:
        raise NotPossible("this cloud does not offer it")
    return given(service)
