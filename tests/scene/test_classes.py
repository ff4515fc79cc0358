"""The class map against the published names of the taxonomies that it refers to."""

from simgen.dataset.coco_categories import COCO_IDS
from simgen.scene.classes import CLASSES, class_of_id, semantic_class

KITTI = {"Car", "Van", "Truck", "Pedestrian", "Person_sitting", "Cyclist", "Tram", "Misc", "DontCare"}
CITYSCAPES = {
    *("unlabeled", "ego vehicle", "rectification border", "out of roi", "static", "dynamic", "ground", "road"),
    *("sidewalk", "parking", "rail track", "building", "wall", "fence", "guard rail", "bridge", "tunnel", "pole"),
    *("polegroup", "traffic light", "traffic sign", "vegetation", "terrain", "sky", "person", "rider", "car", "truck"),
    *("bus", "caravan", "trailer", "train", "motorcycle", "bicycle", "license plate"),
}
NUSCENES = {
    *("animal", "flat.driveable_surface", "flat.other", "flat.sidewalk", "flat.terrain", "human.pedestrian.adult"),
    *("human.pedestrian.child", "human.pedestrian.construction_worker", "human.pedestrian.personal_mobility"),
    *("human.pedestrian.police_officer", "human.pedestrian.stroller", "human.pedestrian.wheelchair", "noise"),
    *("movable_object.barrier", "movable_object.debris", "movable_object.pushable_pullable"),
    *("movable_object.trafficcone", "static.manmade", "static.other", "static.vegetation"),
    *("static_object.bicycle_rack", "vehicle.bicycle", "vehicle.bus.bendy", "vehicle.bus.rigid", "vehicle.car"),
    *("vehicle.construction", "vehicle.ego", "vehicle.emergency.ambulance", "vehicle.emergency.police"),
    *("vehicle.motorcycle", "vehicle.trailer", "vehicle.truck"),
}


def test_every_name_exists_in_its_taxonomy() -> None:
    for one in CLASSES:
        assert one.coco is None or one.coco in COCO_IDS, one
        assert one.kitti is None or one.kitti in KITTI, one
        assert one.cityscapes is None or one.cityscapes in CITYSCAPES, one
        assert one.nuscenes is None or one.nuscenes in NUSCENES, one


def test_ids_are_places_and_names_and_colours_are_unique() -> None:
    assert [c.id for c in CLASSES] == list(range(len(CLASSES)))
    assert len({c.name for c in CLASSES}) == len({c.color for c in CLASSES}) == len(CLASSES)
    assert all(semantic_class(c.name) is c is class_of_id(c.id) for c in CLASSES)
