"""Batches as tiles: an epoch that begins again, and the batch that one photograph is in."""

from __future__ import annotations

from sgd_core.charts import batches
from tests.charts.drawing import LOOK, svg, texts

PHOTOGRAPH = "data:image/webp;base64,AA=="


def test_the_film_names_the_batches_and_counts_no_steps() -> None:
    drawn = svg(batches.film((16, 64), 256, PHOTOGRAPH, 100, LOOK))
    assert texts(drawn) == ["B = 16", "B = 64"]
    assert texts(svg(batches.epoch((16, 64), 256, LOOK))) == ["B = 16: 16 of 16 steps", "B = 64: 4 of 4 steps"]


def test_the_photograph_lies_on_the_tile_of_its_batch_and_lights_up_with_it() -> None:
    tiles, frame, image, _ = batches.film((16, 64), 256, PHOTOGRAPH, 100, LOOK)["layer"]
    places = image["data"]["values"]
    assert frame["data"]["values"] == places
    assert [place["seen"] for place in places] == [7 / 16, 2 / 4]  # batches 6 and 1, counted from 0
    for panel, place in enumerate(places):
        on = [
            tile["seen"]
            for tile in tiles["data"]["values"]
            if tile["panel"] == panel and tile["x"] < place["x"] < tile["x2"] and tile["y"] < place["y"] < tile["y2"]
        ]
        assert on == [place["seen"]]


def test_the_film_begins_again_and_is_whole_where_less_motion_is_asked_for() -> None:
    calm, moving, clock = batches.film((16, 64), 256, PHOTOGRAPH, 100, LOOK)["config"]["signals"]
    assert (calm["name"], moving["value"], clock["value"]) == ("calm", True, 0)
    timer, still = clock["on"]
    assert timer["update"] == "!moving ? clock : clock >= 120 ? 0 : clock + 1"
    assert still == {"events": {"signal": "calm"}, "update": "calm ? 90 : clock"}
    assert moving["on"] == [{"events": {"signal": "calm"}, "update": "!calm"}]
