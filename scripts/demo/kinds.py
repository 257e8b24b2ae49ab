"""What stands where: numbers of stations by kind and place, hours, capacities, gaps shown on purpose."""

from __future__ import annotations

from typing import NamedTuple

# County code → township where its centre stands.
COUNTY_SEATS: dict[str, str] = {
    "650102": "650102010",
    "650103": "650103004",
    "650104": "650104018",
    "650105": "650105006",
    "650106": "650106002",
    "650107": "650107100",
    "650109": "650109005",
    "650121": "650121100",
}
BINGTUAN_TOWNS = frozenset({"650103501", "650103502", "650104402", "650106501", "650106502", "650106503", "650109500"})
# Townships without a legal service point of their own level that works today: planned, or none yet.
GAP_TOWNS: dict[str, str] = {
    "650109102": "planned",
    "650109103": "planned",
    "650109200": "planned",
    "650109104": "planned",
    "650109500": "planned",
    "650104202": "planned",
    "650104203": "planned",
    "650104019": "planned",
    "650104100": "planned",
    "650109101": "planned",
    "650109201": "planned",
    "650106014": "planned",
    "650105011": "none",
    "650121002": "none",
    "650121001": "none",
    "650121207": "planned",
    "650107001": "planned",
    "650107006": "none",
}

WORKDAYS_ZH = "周一至周五 10:00-14:00,15:30-19:30"
WORKDAYS_OSM = "Mo-Fr 10:00-14:00,15:30-19:30"
ALL_DAY = "24小时"
DAILY = "周一至周日 10:00-19:00"
WEEKLY = "周三 10:00-14:00"
SIX_DAYS = "Mo-Sa 10:00-19:00"


class PerCounty(NamedTuple):
    """So many stations of a kind in each county; `rural` for Dabancheng and Urumqi County."""

    kind: str
    city: int
    rural: int
    hours: str
    capacity: int


PER_COUNTY: tuple[PerCounty, ...] = (
    PerCounty("legal_centre", 1, 1, WORKDAYS_ZH, 12000),
    PerCounty("legal_aid_centre", 1, 1, WORKDAYS_ZH, 3000),
    PerCounty("notary_office", 2, 1, WORKDAYS_ZH, 9000),
    PerCounty("law_firm", 4, 1, "Mo-Fr 10:00-19:00", 1500),
    PerCounty("forensic_institute", 1, 0, WORKDAYS_OSM, 2500),
    PerCounty("court", 1, 1, WORKDAYS_ZH, 15000),
    PerCounty("people_tribunal", 1, 2, WORKDAYS_ZH, 2500),
    PerCounty("procuratorate_window", 1, 1, WORKDAYS_ZH, 4000),
    PerCounty("procuratorate_report_point", 1, 2, WEEKLY, 400),
    PerCounty("government_hall", 1, 1, "周一至周五 10:00-14:00,15:30-19:30; 周六 11:00-14:00", 90000),
    PerCounty("vehicle_office_county", 1, 1, WORKDAYS_ZH, 40000),
    PerCounty("traffic_police_window", 3, 2, WORKDAYS_OSM, 12000),
    PerCounty("inspection_station", 2, 1, "Mo-Su 09:30-19:00", 30000),
    PerCounty("insurance_agent", 2, 1, SIX_DAYS, 6000),
    PerCounty("dealer_agent", 2, 0, DAILY, 5000),
)

# kind → (chance in a city township, chance in a rural one, hours, capacity per resident)
PER_TOWN: dict[str, tuple[float, float, str, float]] = {
    "justice_office": (0.5, 0.9, WORKDAYS_ZH, 0.05),
    "police_station": (0.5, 0.9, ALL_DAY, 0.4),
    "convenience_police_post": (0.55, 0.3, "24/7", 0.2),
    "postal_agent": (0.3, 0.7, "周一至周日 10:00-18:30", 0.12),
}

# kind → (number, hours, capacity): at villages or communities drawn by lot
PER_VILLAGE: dict[str, tuple[int, str, int]] = {
    "police_room": (32, "周一至周日 10:00-20:00", 600),
    "dispute_source_station": (28, WORKDAYS_ZH, 300),
    "legal_education_point": (14, WEEKLY, 200),
    "mobile_vehicle": (12, "周二 11:00-16:00", 150),
}
ROOM_SHARE = 0.86  # of the villages have a room of their own
CIRCUIT_TOWNS = ("650121100", "650121102", "650121103", "650107100", "650107400", "650109101", "650109201", "650104100")
TEST_CENTRES = ("650109003", "650106003", "650107004")

# The station all the north leans on: far more people than it was made for.
OVERLOADED = ("650109100", "legal_station", 420)
# Kind, township → the items it can do, fewer than its kind usually does.
NARROWER: dict[tuple[str, str], tuple[str, ...]] = {
    ("vehicle_office_county", "650107100"): ("licence_renewal", "inspection_mark", "car_registration"),
    ("legal_centre", "650121100"): ("legal_consultation", "legal_aid", "mediation"),
    ("legal_station", "650107400"): ("legal_consultation", "mediation"),
    ("police_station", "650121213"): ("household_certificate", "lost_property"),
    ("postal_agent", "650104100"): ("inspection_mark",),
}
