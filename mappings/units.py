"""Units of measurement: one spelling for each, and conversion between units of one dimension.

The factors are pint's, read as decimals and kept as fractions, so that a conversion rounds once. pint is
loaded with the first conversion between two different units; equal units never need it.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from huren.errors import BadInput

if TYPE_CHECKING:
    from pint import UnitRegistry

_TABLE = """
mass      | kg      | kilogram    | kilogramme, kilograms, 千克, 公斤
mass      | g       | gram        | grams, 克
mass      | mg      | milligram   |
mass      | t       | metric_ton  | tonne, tonnes, metric ton, Mg, 吨
mass      | kt      | kilometric_ton |
mass      | sh tn   | short_ton   | short ton, short_ton, short tons, ton_us
mass      | lb      | pound       | lbs, pound, lb av
mass      | oz      | ounce       |
volume    | L       | liter       | l, litre, liter, litres, liters, 升
volume    | mL      | milliliter  | ml, millilitre
volume    | m3      | meter**3    | m^3, m**3, cubic metre, cubic meter, Nm3, 立方米
volume    | cm3     | centimeter**3 |
volume    | gal     | gallon      | gallon, gallons, gal (US), gal (US liq)
volume    | bbl     | oil_barrel  |
volume    | ft3     | foot**3     | cu ft, cubic foot
area      | m2      | meter**2    | m^2, m**2, square metre, square meter, 平方米
area      | cm2     | centimeter**2 | cm^2
area      | km2     | kilometer**2 | km^2
area      | ha      | hectare     | hectare, hectares, 公顷
area      | ft2     | foot**2     | sq ft
area      | acre    | acre        | ac
length    | m       | meter       | metre, meter, 米
length    | cm      | centimeter  |
length    | mm      | millimeter  |
length    | km      | kilometer   | kilometre, kilometer, 千米, 公里
length    | mi      | mile        | mile, miles
length    | ft      | foot        |
energy    | kWh     | kilowatt_hour | kW*h, 千瓦时, 度
energy    | MWh     | megawatt_hour | 兆瓦时
energy    | GWh     | gigawatt_hour |
energy    | Wh      | watt_hour   |
energy    | J       | joule       |
energy    | kJ      | kilojoule   |
energy    | MJ      | megajoule   | 兆焦
energy    | GJ      | gigajoule   | 吉焦
energy    | TJ      | terajoule   |
energy    | btu     | Btu         | BTU
energy    | MMBtu   | megaBtu     | mmbtu
energy    | kcal    | kilocalorie |
power     | W       | watt        | Wp
power     | kW      | kilowatt    | kWp, 千瓦
power     | MW      | megawatt    | MWp, 兆瓦
power     | GW      | gigawatt    | GWp
time      | s       | second      | sec
time      | min     | minute      |
time      | h       | hour        | hr, hour, hours, 小时
time      | d       | day         | day, days, 天
time      | yr      | year        | a, year, years, 年
item      | piece   |             | item, items, item(s), p, pc, pcs, pce, unit, units, ea, 件, 个, 台, 套, 辆
person    | person  |             | passenger, pax, 人
vehicle   | vehicle |             | veh, 车
"""
_CURRENCIES = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL
HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD
MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG
QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD
TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW
"""
_KEPT = 1000
_LONGEST = 40
_PEOPLE = {"p": "person"}
_RUN_TOGETHER = {"tkm": "t*km", "pkm": "p*km", "vkm": "vehicle*km", "吨公里": "t*km", "人公里": "p*km"}
_TIMES = re.compile(r"\s*[*·⋅×•∙]\s*")


@cache
def _units() -> dict[str, tuple[str, str, str]]:
    """Canonical spelling, dimension and pint's name by every spelling; each currency is a dimension."""
    known = {code: (code, f"currency {code}", "") for code in _CURRENCIES.split()}
    known |= dict.fromkeys(("RMB", "元", "人民币"), known["CNY"])
    for line in _TABLE.strip().splitlines():
        kind, unit, pint_name, others = (cell.strip() for cell in line.split("|"))
        for name in (unit, *(other.strip() for other in others.split(",") if other.strip())):
            known[name] = (unit, kind, pint_name)
    return known


@cache
def _caseless() -> dict[str, tuple[str, str, str] | None]:
    """As :func:`_units`, by lower case; None where that leaves more than one unit (mg and Mg)."""
    folded: dict[str, tuple[str, str, str] | None] = {}
    for name, unit in _units().items():
        low = name.casefold()
        folded[low] = unit if folded.get(low, unit) == unit else None
    return folded


def _plain(unit: str) -> str:
    return unicodedata.normalize("NFKC", unit).strip()


@lru_cache(maxsize=_KEPT)
def _parts(unit: str) -> tuple[tuple[str, str, str], ...]:
    plain = _plain(unit)
    found = _units().get(plain) or _caseless().get(plain.casefold())
    if found:
        return (found,)
    if len(plain) > _LONGEST:
        raise _unknown(plain[:_LONGEST] + "…")
    names = _TIMES.split(_RUN_TOGETHER.get(plain.casefold(), plain))
    if len(names) > 1:
        names = [_PEOPLE.get(name, name) for name in names]
    parts = [_units().get(name) or _caseless().get(name.casefold()) for name in names]
    if len(names) == 1 or not all(parts):
        raise _unknown(unit)
    return tuple(part for part in parts if part)


def canonical(unit: str) -> str:
    """The one spelling of ``unit``.

    >>> canonical("t·km"), canonical("short ton"), canonical("kWp"), canonical("Item(s)"), canonical("p*km")
    ('t*km', 'sh tn', 'kW', 'piece', 'p*km')

    Raises: BadInput for an unknown unit.
    """
    return "*".join(name for name, _, _ in _parts(unit)).replace("person*km", "p*km")


@lru_cache(maxsize=_KEPT)
def dimension(unit: str) -> str:
    """The dimension of ``unit``; units convert into one another exactly if it is the same.

    >>> dimension("kg*km"), dimension("p*km"), dimension("USD"), dimension("m2*yr")
    ('length*mass', 'length*person', 'currency USD', 'area*time')

    Raises: BadInput for an unknown unit.
    """
    return "*".join(sorted(kind for _, kind, _ in _parts(unit)))


@cache
def _registry() -> UnitRegistry[Decimal]:
    from pint import UnitRegistry

    return UnitRegistry(non_int_type=Decimal)


@cache
def _size(pint_name: str) -> Fraction:
    """One of the unit in SI base units; 1 for what is only counted."""
    if not pint_name:
        return Fraction(1)
    return Fraction(_registry().Quantity(Decimal(1), pint_name).to_base_units().magnitude)


@lru_cache(maxsize=_KEPT)
def ratio(unit: str, to: str) -> Fraction:
    """How many ``to`` one ``unit`` is, exactly as pint defines both.

    >>> ratio("short ton", "kg"), ratio("MJ", "kWh"), ratio("L", "l")
    (Fraction(45359237, 50000), Fraction(5, 18), Fraction(1, 1))

    Cost: half a second for the first pair of different units, then a look-up.
    Raises: BadInput for an unknown unit, and where the dimensions differ.
    """
    if canonical(unit) == canonical(to):
        return Fraction(1)
    if dimension(unit) != dimension(to):
        raise _mismatch(unit, to)
    size = Fraction(1)
    for _, _, name in _parts(unit):
        size *= _size(name)
    for _, _, name in _parts(to):
        size /= _size(name)
    return size


def convert(amount: float, unit: str, to: str) -> float:
    """``amount`` of ``unit`` in ``to``, rounded once; the same unit gives back the very same number.

    >>> convert(3.6, "MJ", "kWh"), convert(0.1, "L", "l"), convert(250.0, "kg*km", "t*km")
    (1.0, 0.1, 0.25)

    Raises: BadInput for an unknown unit, where the dimensions differ, and on overflow.
    """
    factor = ratio(unit, to)
    if factor == 1:
        return amount
    try:
        return float(Fraction(amount) * factor)
    except OverflowError:
        raise BadInput(
            f"{amount!r} {unit} is too large a number in {to}",
            f"{amount!r} {unit} 换算为 {to} 后数值过大",
            fix="Check the amount and its unit.",
            fix_zh="请核对数量和单位。",
        ) from None


def _unknown(unit: str) -> BadInput:
    close = get_close_matches(_plain(unit).casefold()[:_LONGEST], _caseless(), n=1, cutoff=0.75)
    meant = _caseless()[close[0]] if close else None
    hint, hint_zh = (f"Did you mean `{meant[0]}`? ", f"是否为“{meant[0]}”?") if meant else ("", "")
    return BadInput(
        f"unknown unit `{unit}`",
        f"未知单位“{unit}”",
        fix=hint + "Use a unit such as kg, t, m3, kWh, MJ, t*km, piece or a currency code.",
        fix_zh=hint_zh + "请使用 kg、t、m3、kWh、MJ、t*km、piece 或货币代码等单位。",
    )


def _mismatch(unit: str, to: str) -> BadInput:
    return BadInput(
        f"`{unit}` ({dimension(unit)}) cannot be converted to `{to}` ({dimension(to)})",
        f"“{unit}”({dimension(unit)})不能换算为“{to}”({dimension(to)})",
        fix=f"State the amount in a unit of {dimension(to)}, such as `{to}`.",
        fix_zh=f"请以与“{to}”同量纲的单位填写数量。",
    )
