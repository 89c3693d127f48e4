"""Law: the same code against an address, with several nodes, makes the same dataset."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.needs import need_blender, need_ray
from tests.synth.small_job import write_job
from tests.synth.test_run import manifest, synth

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A head and a second node on this machine, one core each."""
    need_ray()
    need_blender()
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    cluster.add_node(num_cpus=1)
    yield cluster.address
    cluster.shutdown()


def test_two_nodes_by_address_make_the_dataset_of_one_process(address: str, tmp_path: Path) -> None:
    job = write_job(tmp_path / "job")
    assert synth("run", job, "--out", tmp_path / "inline", "--engine", "inline").returncode == 0
    ran = synth("run", job, "--out", tmp_path / "cluster", "--ray-address", address, "--json")
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["made"] == 10
    assert manifest(tmp_path / "cluster") == manifest(tmp_path / "inline")
