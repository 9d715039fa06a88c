"""The one place where visibility is applied: what leaves for a viewer has come through here.

Products come masked to the field classes that the viewer may see, and supply graphs cut at releases: in
place of each hidden chain stands the number that its owner released, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from huren.auth.visibility import Access, Subject, Viewer, decide
from huren.graph import disputes, exports, grants, organisations, releases
from huren.graph.database import Database
from huren.graph.grants import Rights
from huren.graph.model.access import EVERYONE, Effect, FieldClass
from huren.graph.model.audit import Read
from huren.graph.model.export import Approval
from huren.graph.model.release import Release
from huren.graph.model.supply import Product, Recipe, Supply
from huren.graph.model.text import Text
from huren.graph.revision import Pin
from huren.graph.visible import Visible

_NO_UNIT = ""


@dataclass(slots=True)
class Sight:
    """What one viewer may see at one pin, for one purpose. Lives as long as a request.

    ``then``: only of what stood at that earlier pin already; see :meth:`at`.
    """

    database: Database
    pin: Pin
    viewer: Viewer
    purpose: str | None
    now: datetime
    rights: Rights
    note_read: Callable[[Read], None]
    countries: dict[str, str | None] = field(default_factory=dict)
    released: dict[str, tuple[Release, ...]] = field(default_factory=dict)
    approved: dict[str, tuple[Approval, ...]] = field(default_factory=dict)
    disputed: set[str] = field(default_factory=set)
    then: Pin | None = None

    def at(self, then: Pin) -> Sight:
        """What the viewer may see of an earlier state: never more than it saw then, or sees now.

        Grants and releases are those that were on record by then and still stand; all else is decided as now.
        """
        kept = [g for g in self.rights.grants if g.recorded_at and g.recorded_at <= then.known_at]
        rights = replace(self.rights, grants=tuple(kept))
        return replace(self, rights=rights, countries={}, released={}, approved={}, disputed=set(), then=then)

    @property
    def everything(self) -> bool:
        """Whether nothing is hidden from the viewer, so that nothing need be looked up."""
        return self.viewer.administrator

    def visible(self) -> Visible:
        """The products whose identity may be seen, as the database filters them: as :meth:`access` says."""
        mine = [grant for grant in self.rights.grants if grant.holds(self.now)]
        wide = [grant.grantor for grant in mine if not grant.products]
        keys = {key for grant in mine for key in grant.products if grant.covers(key, owner_of(key))}
        names = (self.viewer.org, EVERYONE)
        everything = self._reaches_all(FieldClass.IDENTITY)
        territory = tuple(sorted(self.viewer.territory))
        home = "" if self.everything else self.viewer.org
        return Visible((self.viewer.org, *wide), tuple(sorted(keys)), names, territory, everything, home)

    def _reaches_all(self, wanted: FieldClass) -> bool:
        """Whether even a product of nobody known is seen."""
        nobody = Subject("", "", country=self.viewer.country)
        return decide(self.viewer, nobody, wanted, self.purpose, self.now).effect is Effect.ALLOW

    async def look_up(self, products: Iterable[Product]) -> None:
        """Fetch what decisions about ``products`` need: where their owners sit, what was released of them.

        At most four queries, none for one's own. Fields of one request look up side by side: what one
        decision rests on becomes known all at once, or somebody would decide with a part of it.
        """
        foreign = [p for p in products if not (self.everything or p.owner == self.viewer.org)]
        if owners := sorted({p.owner for p in foreign} - self.countries.keys()):
            found = await organisations.get_many(self.database, owners)
            self.countries |= {name: found[name].seat if name in found else None for name in owners}
        if keys := sorted({p.key for p in foreign} - self.released.keys()):
            made = None if self.then is None else self.then.revision
            standing = await releases.standing(self.database, self.pin, keys, made)
            disputed = await disputes.disputed(self.database, self.pin, keys)
            approved = await self._approvals(keys)
            self.released |= dict.fromkeys(keys, ()) | standing
            self.disputed |= disputed
            self.approved |= approved

    async def _approvals(self, keys: Sequence[str]) -> dict[str, tuple[Approval, ...]]:
        country, org = self.viewer.country, self.viewer.org
        abroad = [key for key in keys if country and self.countries.get(owner_of(key)) != country]
        if not (country and abroad):
            return {}
        return await exports.approvals(self.database, self.pin, abroad, country, org)

    def access(self, product: Product, asked: FieldClass) -> Access:
        """The decision about a product that was looked up; what it opens of others' data is noted."""
        access = decide(self.viewer, self.subject(product), asked, self.purpose, self.now)
        ground = access.restricted
        if ground is not None and asked is not FieldClass.IDENTITY:
            self.note_read(Read(product.key, product.owner, asked.value, self.purpose, ground.text))
        return access

    def subject(self, product: Product) -> Subject:
        """The product as the decision knows it."""
        standing = self.released.get(product.key, ())
        return Subject(
            product.key,
            product.owner,
            region=product.region,
            country=self.countries.get(product.owner),
            sector=product.category,
            audience=frozenset(name for release in standing for name in release.audience),
            grants=self.rights.grants,
            approvals=self.approved.get(product.key, ()),
            disputed=product.key in self.disputed,
        )

    def sees(self, product: Product, asked: FieldClass) -> bool:
        """Whether all of a field class may be seen."""
        return self.access(product, asked).effect is Effect.ALLOW

    def mask(self, product: Product) -> Product | None:
        """``product`` with what may be seen of it; None where it may not even be named."""
        if not self.sees(product, FieldClass.IDENTITY):
            return None
        return product if self.sees(product, FieldClass.QUALITY) else _named(product)

    def release(self, product: Product) -> Release | None:
        """The release that stands for ``product`` before the viewer: the latest one meant for it."""
        access = self.access(product, FieldClass.RELEASE)
        standing = self.released.get(product.key, ())
        meant = [release for release in standing if release.meant_for(self.viewer.org)] or standing
        if not access.shown or not meant:
            return None
        shown = replace(meant[0], illustrative=any(ground.illustrative for ground in access.why))
        return shown if access.effect is Effect.ALLOW else shown.total()

    async def cut(self, supply: Supply, roots: Iterable[str]) -> Supply:
        """What is upstream of ``roots`` as the viewer sees it, cut at releases.

        Cost: the part that is seen, and two queries a tier of owners not met before.
        """
        if self.everything:
            return supply
        products: dict[str, Product] = {}
        recipes: dict[str, Recipe] = {}
        tier = list(dict.fromkeys(roots))
        while tier:
            await self.look_up(supply.products[key] for key in tier if key in supply.products)
            for key in tier:
                products[key] = self.mask(supply.products[key]) or blind(key)
                recipes[key] = self._recipe(supply, supply.products[key])
            tier = _next(products, [recipes[key] for key in tier], supply)
        return replace(supply, products=products, recipes=recipes)

    def _recipe(self, supply: Supply, product: Product) -> Recipe:
        if self.sees(product, FieldClass.RECIPE):
            return supply.recipes.get(product.key, Recipe())
        release = self.release(product)
        return Recipe(declared=None if release is None else release.declared())


def _next(seen: Mapping[str, Product], recipes: Iterable[Recipe], supply: Supply) -> list[str]:
    named = (row.supplier for recipe in recipes for row in recipe.inputs)
    return [key for key in dict.fromkeys(named) if key not in seen and key in supply.products]


def _named(product: Product) -> Product:
    """What names a product, and nothing else."""
    return Product(
        product.owner,
        product.code,
        product.name,
        product.declared_unit,
        category=product.category,
        region=product.region,
        unverified=product.unverified,
    )


def owner_of(key: str) -> str:
    """The organisation in a product key.

    >>> owner_of("acme/steel")
    'acme'
    """
    return key.partition("/")[0]


def blind(key: str) -> Product:
    """A product of which the viewer knows the key alone, from a recipe that names it."""
    owner, _, code = key.partition("/")
    return Product(owner, code, Text(en=code), _NO_UNIT)


def known(products: Mapping[str, Product]) -> Mapping[str, Product]:
    """``products`` without those of which the viewer knows the key alone."""
    return {key: product for key, product in products.items() if product.declared_unit}


def _unnoted(_: Read) -> None: ...


async def sight(  # noqa: PLR0913, PLR0917  (who looks, when, what for)
    database: Database,
    pin: Pin,
    viewer: Viewer,
    purpose: str | None,
    now: datetime,
    note_read: Callable[[Read], None] = _unnoted,
) -> Sight:
    """The sight of ``viewer``; ``note_read`` is told what it reads of others' restricted data.

    One query, none for the administrator.
    """
    if viewer.administrator:
        nothing = Rights(None, frozenset(), frozenset(), ())
        return Sight(database, pin, viewer, purpose, now, nothing, note_read)
    rights = await grants.rights(database, pin, viewer.org)
    known = replace(viewer, roles=rights.roles, country=rights.country, territory=rights.territory)
    return Sight(database, pin, known, purpose, now, rights, note_read)
