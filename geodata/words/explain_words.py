"""An explanation in plain words: one line for each fact, in the order a person asks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from coverage.access.explain import Explanation, StationTime, UncountedTime
from coverage.travel.near_roads import LONGEST_LINK_M, NearRoad
from coverage.travel.route import Route
from geodata.words.i18n import Translator
from geodata.words.number_format import number


def explain_text(
    explanation: Explanation, translator: Translator, *, names: Mapping[str, str] | None = None
) -> list[str]:
    """Write an explanation as lines of text.

    Parameters
    ----------
    explanation
        As `coverage.access.explain.explain_place` returns.
    translator
        The language.
    names
        Names of stations by id; ids are shown where there is none.

    Returns
    -------
    The class first, then the way it comes about, then what would change it.
    """
    words = _Words(explanation, translator, names or {})
    return [*words.tell_class(), *words.tell_road(), *words.tell_route(), *words.tell_change()]


@dataclass(frozen=True, slots=True)
class ExplainedParts:
    """The lines of an explanation by what they tell.

    Parameters
    ----------
    verdict
        The class of the place, then what was asked.
    road
        The road that was found, the walk to it, and the roads it belongs to.
    route
        How long the way is; "" where there is none. Its legs are left to a table.
    change
        The next nearest, and what would change the class.
    """

    verdict: tuple[str, ...]
    road: tuple[str, ...]
    route: str
    change: tuple[str, ...]


def explain_parts(
    explanation: Explanation, translator: Translator, *, names: Mapping[str, str] | None = None
) -> ExplainedParts:
    """Write an explanation as `explain_text` does, its lines apart, for a screen that draws the way itself."""
    words = _Words(explanation, translator, names or {})
    route = next(iter(words.tell_route()), "")
    return ExplainedParts(tuple(words.tell_class()), tuple(words.tell_road()), route, tuple(words.tell_change()))


class _Words:
    """Turns the parts of one explanation into lines."""

    def __init__(self, explanation: Explanation, translator: Translator, names: Mapping[str, str]) -> None:
        self._e = explanation
        self._t = translator
        self._names = names

    def tell_class(self) -> list[str]:
        """Tell the class of the place, and what was asked."""
        t, e = self._t, self._e
        cutoff = number(e.cutoff_min, 0 if float(e.cutoff_min).is_integer() else 1)
        facts = {"cutoff": cutoff, "limit": number(e.snap_limit_m)}
        if e.status == "unconnected" and e.reason == "not_offered":
            lines = [t("explain.unconnected", **facts), t("explain.no_station")]
        elif e.status == "covered":
            lines = [
                t("explain.covered", station=self._station(e.station_id), minutes=self._minutes(e.minutes), **facts)
            ]
        elif e.status == "beyond":
            lines = [
                t("explain.beyond", station=self._station(e.station_id), minutes=self._minutes(e.minutes), **facts)
            ]
        elif e.status == "no_route":
            lines = [t(f"explain.no_route_{e.reason}", **facts)]
            if e.outside is not None:
                lines.append(t("explain.outside", **self._time(e.outside)))
        else:
            lines = [t("explain.unconnected", **facts)]
        travel = t("explain.travel_to") if e.direction == "to" else t("explain.travel_from")
        season = self._t.word(f"season.{e.season}", e.season)
        return [*lines, t("explain.asked", travel=travel, season=season, count=e.station_count)]

    def tell_road(self) -> list[str]:
        """Tell the road that was found, the walk to it, and a nearer one that is not used."""
        t, e = self._t, self._e
        lines = []
        if e.road is None:
            lines.append(t("explain.road.none"))
        elif math.isfinite(e.access_min):
            facts = {"road": self._road(e.road), "metres": number(e.road.distance_m)}
            lines.append(t("explain.road.walk", minutes=number(e.access_min, 1), **facts))
        else:
            facts = {"road": self._road(e.road), "metres": number(e.road.distance_m)}
            lines.append(t("explain.road.too_far", limit=number(e.snap_limit_m), **facts))
        if e.unused_road is not None:
            reason = self._t.word(f"explain.reason.{e.unused_road.reason}", e.unused_road.reason)
            facts = {"road": self._road(e.unused_road), "metres": number(e.unused_road.distance_m)}
            lines.append(t("explain.road.unused", reason=reason, **facts))
        if e.road is not None:
            length = number(e.road.component_km)
            main = "explain.component.main" if e.road.is_main else "explain.component.apart"
            lines.append(t(main, km=length))
            if e.road.reason == "closed":
                lines.append(t("explain.road.closed", road=self._road(e.road)))
        return lines

    def tell_route(self) -> list[str]:
        """Tell the parts of the way to the nearest station."""
        e = self._e
        if e.route is None:
            return []
        return [
            self._t("explain.route", minutes=self._minutes(e.minutes), km=number(e.route.length_m / 1000.0, 1)),
            *self._legs(e.route),
        ]

    def _legs(self, route: Route) -> list[str]:
        lines = []
        for leg in route.legs:
            facts = {"minutes": number(leg.minutes, 1), "length": self._length(leg.length_m)}
            if leg.kind == "access":
                lines.append(self._t("explain.leg.access", **facts))
            elif leg.kind == "delay":
                lines.append(self._t("explain.leg.delay", minutes=facts["minutes"]))
            else:
                lines.append(self._t("explain.leg.road", road=self._class(leg.road_class), **facts))
        return lines

    def tell_change(self) -> list[str]:
        """Tell what would change the class."""
        t, e = self._t, self._e
        lines = []
        lines += [self._tell_uncounted(one) for one in e.uncounted]
        if e.next_nearest is not None:
            lines.append(t("explain.next", **self._time(e.next_nearest)))
        if e.status == "beyond":
            lines.append(t("explain.change.over", minutes=self._over()))
        if e.link is not None:
            length = self._length(e.link.length_m)
            if e.link.length_m > LONGEST_LINK_M:
                lines.append(t("explain.change.link_far", length=length))
            elif math.isfinite(e.link.minutes):
                lines.append(t("explain.change.link", length=length, minutes=self._minutes(e.link.minutes)))
            else:
                lines.append(t("explain.change.link_open", length=length))
        elif e.status in ("no_route", "unconnected") and e.station_count:
            lines.append(t("explain.change.no_link"))
        if e.status != "covered":
            lines += [t("explain.change.item", **self._time(one)) for one in e.without_item]
            if e.planned is not None:
                lines.append(t("explain.change.planned", **self._time(e.planned)))
            if e.closed is not None:
                lines.append(t("explain.change.closed", **self._time(e.closed)))
        return lines

    def _tell_uncounted(self, one: UncountedTime) -> str:
        """Tell which nearer station does not count, how long and how often it is open, and why."""
        return self._t(
            f"explain.uncounted.{one.reason}",
            station=self._station(one.station.station_id),
            layer=self._t(f"layer.{one.layer}"),
            minutes=self._minutes(one.station.minutes),
            hours=number(one.hours_week, 1),
            visits=number(one.visits_month, 1),
            least=f"{self._e.choice.least_hours_week:g}",
        )

    def _time(self, station: StationTime) -> dict[str, str]:
        verdict = self._t("explain.within") if station.is_within else self._t("explain.not_within")
        return {
            "station": self._station(station.station_id),
            "minutes": self._minutes(station.minutes),
            "verdict": verdict,
        }

    def _station(self, station_id: str) -> str:
        name = self._names.get(station_id, "")
        return self._t("explain.station", name=name, id=station_id) if name else station_id

    def _minutes(self, minutes: float) -> str:
        """Write minutes with one decimal, with three where one would hide which side of the threshold it is."""
        beside = abs(minutes - self._e.cutoff_min) < 0.05 and minutes != self._e.cutoff_min
        return number(minutes, 3 if beside else 1)

    def _over(self) -> str:
        over = self._e.over_min
        return number(over, 1 if over >= 0.05 else 3)

    def _length(self, metres: float) -> str:
        if metres < 1000.0:
            return self._t("explain.metres", count=number(metres))
        return self._t("explain.kilometres", count=number(metres / 1000.0, 1))

    def _road(self, road: NearRoad) -> str:
        return self._class(road.road_class)

    def _class(self, road_class: str) -> str:
        return self._t.word(f"road.{road_class}", road_class)
