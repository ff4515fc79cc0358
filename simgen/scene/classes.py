"""The semantic classes, frozen with the version of the dataset, and their names in other taxonomies."""

from __future__ import annotations

from dataclasses import dataclass

CLASS_MAP_VERSION = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SemanticClass:
    """One class. Names in COCO, KITTI, Cityscapes and nuScenes are None where the taxonomy has no counterpart."""

    id: int
    name: str
    color: tuple[int, int, int]
    coco: str | None = None
    kitti: str | None = None
    cityscapes: str | None = None
    nuscenes: str | None = None


def _c(
    id: int,
    name: str,
    color: tuple[int, int, int],
    coco: str | None = None,
    kitti: str | None = None,
    cityscapes: str | None = None,
    nuscenes: str | None = None,
) -> SemanticClass:
    return SemanticClass(
        id=id, name=name, color=color, coco=coco, kitti=kitti, cityscapes=cityscapes, nuscenes=nuscenes
    )


CLASSES: tuple[SemanticClass, ...] = (
    _c(0, "void", (0, 0, 0), cityscapes="unlabeled"),
    _c(1, "sky", (70, 130, 180), cityscapes="sky"),
    _c(2, "road", (128, 64, 128), cityscapes="road", nuscenes="flat.driveable_surface"),
    _c(3, "lane_marking", (200, 190, 200), cityscapes="road", nuscenes="flat.driveable_surface"),
    _c(4, "sidewalk", (244, 35, 232), cityscapes="sidewalk", nuscenes="flat.sidewalk"),
    _c(5, "kerb", (190, 60, 180), cityscapes="sidewalk", nuscenes="flat.sidewalk"),
    _c(6, "terrain", (152, 251, 152), cityscapes="terrain", nuscenes="flat.terrain"),
    _c(7, "building", (70, 70, 70), cityscapes="building", nuscenes="static.manmade"),
    _c(8, "wall", (102, 102, 156), cityscapes="wall", nuscenes="static.manmade"),
    _c(9, "fence", (190, 153, 153), cityscapes="fence", nuscenes="static.manmade"),
    _c(10, "pole", (153, 153, 153), cityscapes="pole", nuscenes="static.manmade"),
    _c(11, "traffic_light", (250, 170, 30), "traffic light", None, "traffic light", "static.manmade"),
    _c(12, "traffic_sign", (220, 220, 0), None, None, "traffic sign", "static.manmade"),
    _c(13, "vegetation", (107, 142, 35), None, None, "vegetation", "static.vegetation"),
    _c(14, "pedestrian", (220, 20, 60), "person", "Pedestrian", "person", "human.pedestrian.adult"),
    _c(15, "child", (255, 60, 120), "person", "Pedestrian", "person", "human.pedestrian.child"),
    _c(16, "cyclist", (255, 0, 0), "person", "Cyclist", "rider", "vehicle.bicycle"),
    _c(17, "bicycle", (119, 11, 32), "bicycle", "Cyclist", "bicycle", "vehicle.bicycle"),
    _c(18, "motorcycle", (0, 0, 230), "motorcycle", "Misc", "motorcycle", "vehicle.motorcycle"),
    _c(19, "car", (0, 0, 142), "car", "Car", "car", "vehicle.car"),
    _c(20, "van", (0, 30, 170), "car", "Van", "car", "vehicle.car"),
    _c(21, "truck", (0, 0, 70), "truck", "Truck", "truck", "vehicle.truck"),
    _c(22, "bus", (0, 60, 100), "bus", "Truck", "bus", "vehicle.bus.rigid"),
    _c(23, "trailer", (0, 0, 110), "truck", "Truck", "trailer", "vehicle.trailer"),
    _c(24, "animal", (160, 110, 60), "dog", "Misc", None, "animal"),
    _c(25, "ball", (255, 200, 40), "sports ball", "Misc", None, "movable_object.debris"),
    _c(26, "debris", (110, 90, 70), None, "Misc", "dynamic", "movable_object.debris"),
    _c(27, "furniture", (130, 100, 80), None, "Misc", None, None),
    _c(28, "robot", (230, 230, 235), None, "Misc", None, None),
    _c(29, "table", (150, 115, 80), "dining table", "Misc", None, None),
    _c(30, "floor", (100, 100, 105), None, None, "ground", None),
    _c(31, "container", (60, 160, 200), None, "Misc", None, None),
    _c(32, "box", (190, 140, 80), None, "Misc", None, None),
    _c(33, "can", (200, 60, 60), None, "Misc", None, None),
    _c(34, "bottle", (60, 190, 120), "bottle", "Misc", None, None),
    _c(35, "cup", (240, 230, 120), "cup", "Misc", None, None),
    _c(36, "tool", (180, 80, 200), None, "Misc", None, None),
    _c(37, "fruit", (230, 120, 30), "orange", "Misc", None, None),
    _c(38, "bowl", (120, 200, 240), "bowl", "Misc", None, None),
    _c(39, "thing", (140, 140, 140), None, "Misc", "dynamic", "movable_object.debris"),
    _c(40, "traffic_cone", (255, 120, 0), None, "Misc", "static", "movable_object.trafficcone"),
    _c(41, "barrier", (190, 120, 90), None, "Misc", "guard rail", "movable_object.barrier"),
    _c(42, "wheelchair_user", (240, 90, 200), "person", "Pedestrian", "person", "human.pedestrian.wheelchair"),
    _c(43, "stroller", (200, 90, 240), None, "Misc", "dynamic", "human.pedestrian.stroller"),
    _c(44, "scooter_rider", (255, 90, 60), "person", "Cyclist", "rider", "human.pedestrian.personal_mobility"),
    _c(45, "train", (0, 80, 100), "train", "Tram", "train", None),
    _c(46, "tunnel", (150, 120, 90), None, None, "tunnel", "static.manmade"),
    _c(47, "rail_track", (230, 150, 140), None, None, "rail track", "flat.other"),
    _c(48, "ground_patch", (90, 130, 150), None, None, "road", "flat.driveable_surface"),
    _c(49, "forklift", (250, 190, 0), None, "Misc", "dynamic", "vehicle.construction"),
    _c(50, "shelf", (60, 90, 160), None, "Misc", None, None),
    _c(51, "pallet", (170, 130, 70), None, "Misc", None, None),
    _c(52, "conveyor", (90, 100, 90), None, "Misc", None, None),
    _c(53, "machine", (120, 140, 170), None, "Misc", None, None),
    _c(54, "tableware", (220, 220, 190), "bowl", "Misc", None, None),
    _c(55, "appliance", (180, 180, 200), None, "Misc", None, None),
)
_BY_NAME = {c.name: c for c in CLASSES}
SKY = _BY_NAME["sky"]
VOID = _BY_NAME["void"]


def semantic_class(name: str) -> SemanticClass:
    """The class of this name. Raises KeyError."""
    return _BY_NAME[name]


def class_of_id(class_id: int) -> SemanticClass:
    return CLASSES[class_id]
