"""What a file may state under ``traffic:``: who else is on the road and on the pavements."""

from __future__ import annotations

from simgen.core.declare import Declared, quantity, text

STANDSTILL_M = 2.0
"""Gap to the vehicle ahead in a jam."""
FULL_MPS2, COMFORT_MPS2 = 1.5, 2.0
"""What drivers gain, and what they brake with when all is well, in the intelligent-driver model."""


class TrafficSpec(Declared):
    """Traffic around the actors that have names. Its members are actors too, named traffic_1, traffic_2 …

    ``density``, ``pedestrians`` and ``clear`` hold for the scenario; every other value is drawn anew for each member,
    so that a distribution there is the mix on the road. Vehicles of one model differ in paint and plates, and come in a
    few sizes, which are the scenario's.
    """

    density: float = quantity("1/km", low=0, high=150, default=0.0, help="vehicles per kilometre and lane")
    model: str = text(
        default="car.sedan",
        help="of each vehicle",
        vary={"choice": {"car.sedan": 0.3, "car.hatchback": 0.35, "car.suv": 0.25, "van": 0.1}},
    )
    speed: float = quantity(
        "",
        low=0.2,
        high=1.5,
        default=1.0,
        help="wanted, as a share of the lane's limit",
        vary={"truncated_normal": {"mean": 0.98, "std": 0.07, "low": 0.8, "high": 1.2}},
    )
    headway: float = quantity(
        "s",
        low=0.2,
        high=10,
        default=1.5,
        help="time gap that each driver keeps, and by which the vehicles are spaced",
        vary={"lognormal": {"median": "1.2 s", "sigma": 0.4, "shift": "0.21 s"}},
    )
    politeness: float = quantity(
        "",
        low=0,
        high=1,
        default=0.2,
        help="weight of others' loss in a change of lane (MOBIL): 0 selfish, 1 altruistic",
        vary={"uniform": [0, 0.4]},
    )
    turning: float = quantity(
        "", low=0, high=1, default=0.4, help="share of those that turn off at a junction, to either side alike"
    )
    pedestrians: float = quantity("1/km", low=0, high=300, default=0.0, help="per kilometre of each pavement")
    pedestrian_model: str = text(
        default="pedestrian.adult",
        help="of each pedestrian",
        vary={"choice": {"pedestrian.adult": 0.85, "pedestrian.child": 0.15}},
    )
    walking_speed: float = quantity(
        "m/s",
        low=0.3,
        high=3,
        default=1.35,
        help="of each pedestrian",
        vary={"truncated_normal": {"mean": "1.35 m/s", "std": "0.2 m/s", "low": "0.8 m/s", "high": "1.9 m/s"}},
    )
    clear: float = quantity(
        "m", low=0, high=1000, default=25.0, help="kept free before and behind actors with names, on their side"
    )


SCENE_KEYS = ("density", "turning", "pedestrians", "clear")
DRIVER_KEYS = ("model", "speed", "headway", "politeness")
WALKER_KEYS = ("pedestrian_model", "walking_speed")
