"""That figures of one training never mix with another's."""

from unimoe_train.csvlog import CSVLog, read_csv


def write(path, columns, **row):
    log = CSVLog(path, columns)
    log.write(**row)
    log.close()


def test_a_resumed_training_goes_on_in_its_file_and_one_with_other_columns_begins_a_new_one(tmp_path):
    path = tmp_path / "joint.csv"
    write(path, ["step", "loss"], step=1, loss=2.5)
    write(path, ["step", "loss"], step=2, loss=1.25)
    write(path, ["step", "rate"], step=1, rate=0.5)
    write(path, ["step", "loss"], step=3, loss=1.0)
    assert read_csv(tmp_path / "joint.1.csv") == {"step": [1.0, 2.0], "loss": [2.5, 1.25]}
    assert read_csv(tmp_path / "joint.2.csv") == {"step": [1.0], "rate": [0.5]}
    assert read_csv(path) == {"step": [3.0], "loss": [1.0]}


def test_rows_that_a_kill_has_undone_are_removed(tmp_path):
    path = tmp_path / "joint.csv"
    for step in (20, 40, 60):
        write(path, ["step", "loss"], step=step, loss=2.5)
    log = CSVLog(path, ["step", "loss"], before=45)
    log.write(step=60, loss=1.25)
    log.close()
    assert read_csv(path) == {"step": [20.0, 40.0, 60.0], "loss": [2.5, 2.5, 1.25]}
