"""A curve from elsewhere: what tools write is read as it was meant, and what is refused is named."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from sgd_core.errors import UserError
from sgd_core.runs import foreign
from sgd_core.runs.foreign import Asked, Curve

WANDB = (
    '"Step","sunny-1 - val_acc","sunny-1 - val_acc__MIN","sunny-1 - val_acc__MAX","sunny-1 - _step",'
    '"b - val_loss","b - val_loss__MIN","b - val_loss__MAX"\n'
    '"0","0.5","0.1","0.9","0","2.1","2","3"\n"10","0.75","0.7","0.8","10","","",""\n'
    '"20","0.8","0.7","0.8","20","1.5","1","2"\n'
)
TENSORBOARD = "Wall time,Step,Value\n1700000000.12,0,0.25\n1700000009.5,100,0.5\n1700000019.5,200,0.75\n"
LIGHTNING = (
    "epoch,step,train_loss_step,val_acc,lr-SGD\n0,49,1.5,,0.1\n0,99,1.25,,0.1\n0,99,,0.5,\n1,149,1,,0.1\n1,199,,0.75,\n"
)


def read(text: str | bytes, name: str = "mine.csv", **asked: object) -> Curve:
    table = foreign.read(text if isinstance(text, bytes) else text.encode(), name)
    return foreign.curve(table, replace(foreign.first(table), **asked))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "along", "y"),
    [
        ("step,value\n0,0.25\n10,0.5\n", {"updates": (0, 10)}, (0.25, 0.5)),
        ("epoch,val_accuracy\n0,0.25\n1,0.5\n", {"epoch": (0, 1)}, (0.25, 0.5)),
        ("Update,accuracy\n1,1e-1\n2,.5\n", {"updates": (1, 2)}, (0.1, 0.5)),
        ("T;value\n0,5;0,25\n1;0,5\n", {"training_time": (0.5, 1)}, (0.25, 0.5)),
        ("training_time\tacc\n0.5\t0.25\n1\t0.5\n", {"training_time": (0.5, 1)}, (0.25, 0.5)),
        ("sep=;\r\nepoch;acc\r\n0;25%\r\n1;50%\r\n", {"epoch": (0, 1)}, (0.25, 0.5)),
        ("\ufeffepoch,acc\n0,25\n1,50\n", {"epoch": (0, 1)}, (0.25, 0.5)),
        ("epoch,acc\n\n0,0.25\n1,NaN\n2,\n3,0.5\n,\n", {"epoch": (0, 3)}, (0.25, 0.5)),
        (",epoch,acc\n0,0,0.25\n1,1,0.5\n", {"epoch": (0, 1)}, (0.25, 0.5)),
        (TENSORBOARD, {"updates": (0, 100, 200)}, (0.25, 0.5, 0.75)),
        (WANDB, {"updates": (0, 10, 20)}, (0.5, 0.75, 0.8)),
        ("epoch,step,value\n0,9,0.25\n1,19,0.5\n", {"epoch": (0, 1), "updates": (9, 19)}, (0.25, 0.5)),
    ],
)  # fmt: skip
def test_what_tools_write_is_read_as_it_was_meant(
    text: str, along: dict[str, tuple[float, ...]], y: tuple[float, ...]
) -> None:
    found = read(text)
    assert found.along.keys() == along.keys()
    for what, steps in along.items():
        assert found.along[what] == pytest.approx(steps), what
    assert found.y == pytest.approx(y)
    assert not found.loss


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_spreadsheets_encodings_are_read(encoding: str) -> None:
    found = read("epoch;µ;Größe acc\n0;0,5;0,25\n1;0,5;0,5\n".encode(encoding))
    assert (found.y, found.learning_rate, found.column) == ((0.25, 0.5), 0.5, "Größe acc")


def test_a_file_of_several_measures_has_a_curve_for_each() -> None:
    table = foreign.read(WANDB.encode(), "wandb_export_2026.csv")
    assert table.values == ("sunny-1 - val_acc", "b - val_loss")
    loss = read(WANDB, column="b - val_loss", loss=True)
    assert (loss.y, dict(loss.along)) == ((2.1, 1.5), {"updates": (0, 20)})
    assert (loss.label, loss.loss) == ("b - val_loss", True)
    table = foreign.read(LIGHTNING.encode(), "metrics.csv")
    assert table.values == ("train_loss_step", "val_acc", "lr-SGD")
    seen = read(LIGHTNING, column="val_acc", loss=False)
    assert dict(seen.along) == {"epoch": (0, 1), "updates": (99, 199)}


@pytest.mark.parametrize(
    ("name", "header", "loss", "label"),
    [
        ("run-a-tag-val_loss.csv", "Step,Value", True, "run-a-tag-val_loss"),
        ("accuracy.csv", "Step,Value", False, "accuracy"),
        ("x.csv", "epoch,val_loss", True, "x"),
        ("loss.csv", "epoch,accuracy", False, "loss"),
        ("a\u202eb\n.csv", "epoch,nll", True, "ab"),
    ],
)
def test_a_loss_is_known_by_its_name(name: str, header: str, loss: bool, label: str) -> None:
    found = read(f"{header}\n0,0.5\n1,0.25\n", name)
    assert (found.loss, found.label) == (loss, label)


@pytest.mark.parametrize(
    ("text", "asked", "batch_size", "rate", "changing", "along"),
    [
        ("step,acc\n0,0\n5,1\n", {}, None, None, False, {"updates": (0, 5)}),
        ("step,acc\n0,0\n5,1\n", {"learning_rate": "1e-2", "batch_size": "16"}, 16, 0.01, False,
         {"updates": (0, 5), "training_time": (0, 0.05)}),
        ("step,acc\n0,0\n5,1\n", {"learning_rate": "0,01"}, None, 0.01, False,
         {"updates": (0, 5), "training_time": (0, 0.05)}),
        ("step,acc,lr,batch_size\n0,0,0.1,32\n5,1,0.1,32\n", {"learning_rate": "7", "batch_size": "7"}, 32, 0.1, False,
         {"updates": (0, 5), "training_time": (0, 0.5)}),
        ("step,acc,mu,B\n0,0,0.1,32\n5,1,0.05,64\n", {"learning_rate": "7"}, None, None, True, {"updates": (0, 5)}),
        ("step,acc\n0,0\n5,1\n", {"steps": "epoch", "learning_rate": "0.1"}, None, 0.1, False, {"epoch": (0, 5)}),
        ("step,acc\n0,0\n5,1\n", {"steps": "training_time"}, None, None, False, {"training_time": (0, 5)}),
        ("updates,T,acc\n0,0,0\n5,9,1\n", {"learning_rate": "0.1"}, None, 0.1, False,
         {"updates": (0, 5), "training_time": (0, 9)}),
    ],
)  # fmt: skip
def test_t_is_reckoned_only_of_updates_at_one_known_rate(
    text: str, asked: dict[str, str], batch_size: int | None, rate: float | None, changing: bool,
    along: dict[str, tuple[float, ...]],
) -> None:  # fmt: skip
    found = read(text, **asked)
    assert (found.batch_size, found.learning_rate, found.changing) == (batch_size, rate, changing)
    assert found.along.keys() == along.keys()
    for what, steps in along.items():
        assert found.along[what] == pytest.approx(steps), what


def test_what_steps_were_taken_for_is_known() -> None:
    assert read("step,acc\n0,0\n5,1\n").taken == "updates"
    assert read("step,acc\n0,0\n5,1\n", steps="epoch").taken == "epoch"
    assert read("updates,acc\n0,0\n5,1\n").taken == ""


def test_a_value_without_one_of_two_places_is_drawn_along_the_other() -> None:
    found = read("epoch,updates,acc\n0,10,0\n1,,1\n")
    assert list(found.along["epoch"]) == [0, 1]
    assert list(map(math.isnan, found.along["updates"])) == [False, True]


@pytest.mark.parametrize(
    ("text", "asked", "words"),
    [
        ("step,acc\n0,0.5\n1,high\n", {}, "Row 3, column acc, is 'high', but must be a number."),
        ("step,acc\n0,0.5\n\n1,inf\n", {}, "Row 4, column acc, is 'inf', but must be a number."),
        ("step,acc\n0,0.5\n1,1e999\n", {}, "Row 3, column acc, is '1e999'"),
        ("step,acc\n0,0.5\n1_0,0.6\n", {}, "Row 3, column step, is '1_0', but must be a number."),
        ("step,acc\nx,0.5\n1,0.6\n", {}, "Row 2, column step, is 'x'"),
        ("step,acc\n,0.5\n1,0.6\n", {}, "Row 2, column step, is empty beside a value."),
        ("step,acc\n-1,0.5\n1,0.6\n", {}, "Row 2, column step, is -1, but must be from 0"),
        ("run,epoch,acc\na,0,0.5\na,1,0.6\nb,0,0.5\n", {}, "Row 4, column epoch, is 0 after 1, but"),
        ("step,acc\n0,50\n1,101\n", {}, "Row 3, column acc, is 101, but must be a share from 0 to 1 or percent"),
        ("step,acc\n0,0.5\n1,1.2\n", {}, "Row 3, column acc, is 1.2, but must be a share"),
        ("step,acc\n0,0.5\n1,-0.2\n", {}, "Row 3, column acc, is -0.2, but must be a share"),
        ("step,loss\n0,0.5\n1,-0.2\n", {}, "Row 3, column loss, is -0.2, but must be at least 0, as a loss is."),
        ('step,acc\n0,0.5\n1,"0,6"\n', {}, "Row 3, column acc, is '0,6', but must be a number with a decimal point."),
        ("step;acc\n0;0,5\n1.000;0,6\n", {}, "Row 3, column step, is '1.000', but must be a number with a"),
        ("step,acc\n0,0,5\n1,0,6\n", {}, "Row 2 has 3 cells, but row 1 names 2 columns. Decimal commas need"),
        ("step,acc,lr\n0,0.5,-1\n1,0.6,0.1\n", {}, "Row 2, column lr, is -1, but must be a number above 0"),
        ("step,acc,B\n0,0.5,1.5\n1,0.6,2\n", {}, "Row 2, column B, is 1.5, but must be a whole number above 0"),
        ("step,acc\n0,0.5\n1,0.6\n", {"learning_rate": "fast"}, "μ is 'fast', but must be a number above 0"),
        ("step,acc\n0,0.5\n1,0.6\n", {"batch_size": "1.5"}, "B is '1.5', but must be a whole number above 0"),
        ("step,acc\n0,0.5\n1,\n", {}, "The column acc has 1 values beside steps; a curve needs 2 at least."),
        ("step,value\n", {}, "Beside step the CSV has no column of numbers"),
        ("step,run\n1,a\n", {}, "Beside step the CSV has no column of numbers"),
        ("time,acc\n1,0.5\n", {}, "None of the columns time, acc counts steps: one must be called step, epoch"),
        ("epoch,Epochs,acc\n1,1,0.5\n", {}, "The columns epoch and Epochs count the same."),
        ("step,acc,acc\n1,1,0.5\n", {}, "Two columns are called acc."),
        ("0,0.5\n1,0.6\n", {}, "The first row holds numbers."),
        ("value\n0.5\n", {}, "The first row must name two columns or more"),
        ("", {}, "The first row must name two columns or more"),
        ("<html>", {}, "The first row must name two columns or more"),
        (b"PK\x03\x04rest", {}, "The file is no text. Save the sheet as CSV."),
        (b"step,acc\n\x00", {}, "The file is no text."),
        (b"\xff\xfea", {}, "The file is no text."),
        ("step," + "x" * 200_000, {}, "The file cannot be read as CSV: field larger than field limit"),
        ("step," + ",".join(f"c{i}" for i in range(200)), {}, "The CSV has 201 columns; at most 200 are taken."),
        ("step,acc\n" + "1,1\n" * 20_001, {}, "more than 20,000 rows"),
        (b"x" * (foreign.LARGEST + 1), {}, "The CSV has 1,048,577 bytes; at most 1,048,576 are taken."),
    ],
)  # fmt: skip
def test_what_is_refused_is_named_by_column_and_row(text: str | bytes, asked: dict[str, str], words: str) -> None:
    with pytest.raises(UserError) as refused:
        read(text, **asked)
    assert words in str(refused.value)


def test_many_bad_values_are_counted_and_five_are_named() -> None:
    with pytest.raises(UserError) as refused:
        read("step,acc\n0,0.5\n1,0.6\n" + "".join(f"{i},x\n" for i in range(2, 40)))
    assert str(refused.value).count("must be a number") == foreign.SAID
    assert str(refused.value).endswith("33 more are refused too.")


def test_a_full_file_is_read_and_a_label_is_short() -> None:
    lines = "".join(f"{i},{i / 20_000}\n" for i in range(foreign.MOST_ROWS))
    found = read(f"step,acc\n{lines}", "n" * 300 + ".csv")
    assert len(found.y) == foreign.MOST_ROWS
    assert found.label == "n" * foreign.LONGEST_LABEL
    assert isinstance(foreign.first(foreign.read(b"step,acc\n1,1\n", "x")), Asked)
