"""The one place where visibility is applied: what leaves for a viewer has come through here.

Products come masked to the field classes that the viewer may see, and supply graphs cut at releases: in
place of each hidden chain stands the number that its owner released, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
from huren.graph.snapshot.excerpt import Excerpt
from huren.graph.snapshot.snapshot import Recipes
from huren.graph.visible import Visible
from huren.resolvers.computing import compute

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
    _decisions: dict[tuple[str | None, ...], Access] = field(default_factory=dict, repr=False)
    _named: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._named = frozenset(key for grant in self.rights.grants for key in grant.products)

    def at(self, then: Pin) -> Sight:
        """What the viewer may see of an earlier state: never more than it saw then, or sees now.

        Grants and releases are those that were on record by then and still stand; all else is decided as now.
        """
        kept = [g for g in self.rights.grants if g.recorded_at and g.recorded_at <= then.known_at]
        rights = replace(self.rights, grants=tuple(kept))
        return replace(
            self,
            rights=rights,
            countries={},
            released={},
            approved={},
            disputed=set(),
            then=then,
            _decisions={},
        )

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
        access = self._access(product, asked)
        ground = access.restricted
        if ground is not None and asked is not FieldClass.IDENTITY:
            self.note_read(Read(product.key, product.owner, asked.value, self.purpose, ground.text))
        return access

    def _access(self, product: Product, asked: FieldClass) -> Access:
        """Decided once for all products that nothing of their own tells apart."""
        if self._apart(product):
            return decide(self.viewer, self.subject(product), asked, self.purpose, self.now)
        country = self.countries.get(product.owner)
        alike = product.owner, country, product.region, product.category, asked
        if alike not in self._decisions:
            self._decisions[alike] = decide(self.viewer, self.subject(product), asked, self.purpose, self.now)
        return self._decisions[alike]

    def _apart(self, product: Product) -> bool:
        """Whether anything on record that a decision looks at is about this very product."""
        key = product.key
        told = self.released.get(key) or self.approved.get(key)
        return bool(told) or key in self.disputed or key in self._named

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
        """What is upstream of ``roots`` as the viewer sees it, cut at releases: in columns of its own.

        Cost: the part that is seen, and at most four queries; as many again wherever recipes of other owners
        lead to products not met before.
        """
        noted: list[Read] = []
        cut, size = _Cut(replace(self, note_read=noted.append), supply), len(supply.products)
        border = await compute(size, cut.begin, roots)
        while border:
            await self.look_up(border)
            border = await compute(size, cut.go_on, border)
        for read in noted:
            self.note_read(read)
        return await compute(size, cut.done)

    def recipe(self, supply: Supply, product: Product) -> Recipe:
        """What stands behind a product that was looked up: its recipe, what was released, or nothing."""
        if self.sees(product, FieldClass.RECIPE):
            return supply.recipes.get(product.key, Recipe())
        release = self.release(product)
        return Recipe(declared=None if release is None else release.declared())


class _Cut:
    """A cut under way: what is seen whole, and what is seen instead of the rest."""

    def __init__(self, seen: Sight, supply: Supply) -> None:
        assert isinstance(supply.recipes, Recipes)
        self._seen, self._supply = seen, supply
        self._part = Excerpt(supply.recipes.snapshot)
        self._whole: list[str] = []
        self._instead: dict[str, tuple[Product, Recipe]] = {}

    def begin(self, roots: Iterable[str]) -> list[Product]:
        """Follow what is the viewer's own from ``roots``. The products of others that are to be looked up."""
        return self._border(self._part.start(roots))

    def go_on(self, border: Iterable[Product]) -> list[Product]:
        """Decide about products that were looked up; the next ones, behind those whose recipe is seen."""
        return self._border(self._part.needed([product.key for product in border if self._opened(product)]))

    def _border(self, tier: list[str]) -> list[Product]:
        """The products of others behind what the viewer sees without asking: its own, or everything."""
        border: list[str] = []
        while tier:
            mine = [key for key in tier if self._seen.everything or owner_of(key) == self._seen.viewer.org]
            border += sorted(set(tier) - set(mine))
            self._whole += mine
            tier = self._part.needed(mine)
        return [self._supply.products[key] for key in border]

    def done(self) -> Supply:
        """All that is seen."""
        supply = self._part.done(self._whole, self._instead).supply()
        return replace(supply, revision=self._supply.revision, as_of=self._supply.as_of)

    def _opened(self, product: Product) -> bool:
        """Whether the recipe is seen."""
        seen, masked = self._seen, self._seen.mask(product)
        opened = seen.sees(product, FieldClass.RECIPE)
        if opened and masked is product:
            self._whole.append(product.key)
        else:
            recipe = seen.recipe(self._supply, product)
            self._instead[product.key] = masked or blind(product.key), recipe
        return opened


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


@dataclass(frozen=True, slots=True)
class Known(Mapping[str, Product]):
    """``products`` without those of which the viewer knows the key alone, each looked at when asked for."""

    products: Mapping[str, Product]

    def __getitem__(self, key: str) -> Product:
        product = self.products[key]
        if not product.declared_unit:
            raise KeyError(key)
        return product

    def __iter__(self) -> Iterator[str]:
        return (key for key, product in self.products.items() if product.declared_unit)

    def __len__(self) -> int:
        return sum(1 for _ in self)


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
