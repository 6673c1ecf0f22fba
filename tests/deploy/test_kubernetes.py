"""The Kubernetes manifests: valid, and as careful as docs/operations.md says."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

MANIFESTS = Path(__file__).parents[2] / "deploy" / "kubernetes"
OLD, NEW = "1.30", "1.37"
KUBECTL = shutil.which("kubectl")
LABELS = {"app.kubernetes.io/name": "jumok"}


def resources(folder: str) -> list[dict[str, Any]]:
    """Return the resources of a folder, without kustomizations and patches."""
    found = []
    for file in sorted((MANIFESTS / folder).glob("*.yaml")):
        if file.name != "kustomization.yaml" and not file.name.startswith("patch-"):
            found += list(yaml.safe_load_all(file.read_text("utf-8")))
    return found


def rendered(folder: str) -> list[dict[str, Any]]:
    """Return the resources of a folder as kustomize combines them."""
    if KUBECTL is None:
        pytest.skip("there is no kubectl")
    command = [KUBECTL, "kustomize", str(MANIFESTS / folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def of_kind(kind: str, among: list[dict[str, Any]]) -> dict[str, Any]:
    found, *_ = [each for each in among if each["kind"] == kind]
    return found


@pytest.fixture
def pod() -> dict[str, Any]:
    found: dict[str, Any] = of_kind("Deployment", resources("base"))["spec"]["template"]["spec"]
    return found


def test_manifests_match_the_schemas() -> None:
    """Each resource is valid, without unknown fields."""
    for resource in [*resources("base"), *resources("open-network")]:
        kubernetes_validate.validate(resource, NEW, strict=True)


def test_combined_manifests_match_the_schemas() -> None:
    """What kustomize makes of them is valid, in an old version of Kubernetes as well."""
    for resource in rendered("open-network"):
        kubernetes_validate.validate(resource, OLD, strict=True)
    assert len(rendered("base")) == len(resources("base"))


def test_an_invalid_manifest_would_be_noticed() -> None:
    """The schemas refuse an unknown field."""
    service = of_kind("Service", resources("base"))
    service["spec"]["clusterIp"] = "None"
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(service, NEW, strict=True)


@pytest.mark.parametrize("folder", ["base", "open-network"])
def test_every_file_is_used(folder: str) -> None:
    """Each file is named by its kustomization."""
    used = (MANIFESTS / folder / "kustomization.yaml").read_text("utf-8")
    for file in (MANIFESTS / folder).iterdir():
        assert file.name == "kustomization.yaml" or file.name in used


def test_resources_select_the_pods() -> None:
    """An empty selector would mean all pods of the namespace, or none."""
    found = [*resources("base"), *resources("open-network")]
    deployment = of_kind("Deployment", found)
    assert deployment["spec"]["template"]["metadata"]["labels"] == LABELS
    for resource in found:
        selector = resource["spec"].get("selector", resource["spec"].get("podSelector"))
        assert selector.get("matchLabels", selector) == LABELS


def test_pods_have_minimal_rights(pod: dict[str, Any]) -> None:
    """Pods run as an ordinary user, write to /tmp only and have no account at the API server."""
    [container] = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not pod["automountServiceAccountToken"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["limits"]["memory"]


def test_pods_have_time_to_drain(pod: dict[str, Any]) -> None:
    """Kubernetes waits longer than the service does."""
    [container] = pod["containers"]
    settings = {each["name"]: each["value"] for each in container["env"]}
    drain = float(settings["JUMOK_DRAIN_DELAY_SECONDS"]) + float(settings["JUMOK_DRAIN_SECONDS"])
    assert pod["terminationGracePeriodSeconds"] > drain


def test_secrets_are_mounted_where_the_settings_say() -> None:
    """On an open network, the certificate, its key and the API keys come from secrets."""
    deployment = of_kind("Deployment", rendered("open-network"))["spec"]["template"]["spec"]
    [container] = deployment["containers"]
    mounts = [mount["mountPath"] for mount in container["volumeMounts"] if mount.get("readOnly")]
    paths = {
        each["name"]: each["value"]
        for each in container["env"]
        if re.search("TLS|KEYS", each["name"])
    }
    assert set(paths) == {"JUMOK_TLS_CERTIFICATE", "JUMOK_TLS_KEY", "JUMOK_KEYS"}
    for path in paths.values():
        assert any(Path(path).parent == Path(mount) for mount in mounts)
    assert all(volume.get("emptyDir") or volume["secret"] for volume in deployment["volumes"])
