"""External data: graphs that keep values in other files are found, wherever the tensor is."""

from collections.abc import Callable

import onnx
import pytest
from google.protobuf.descriptor import Descriptor
from onnx import TensorProto, helper

from benchmarks.abuse.small_bundle import small_graphs
from jumok.runtime.external_data import CHILDREN, has_external_data
from jumok.runtime.session import arrange_graph


def reaches_tensors(message: Descriptor, above: frozenset[str] = frozenset()) -> bool:
    """Tell whether a message can contain a tensor."""
    return message.name == "TensorProto" or any(
        reaches_tensors(field.message_type, above | {message.name})
        for field in message.fields
        if field.message_type is not None and field.message_type.name not in above
    )


@pytest.mark.parametrize("message", [*CHILDREN, "ModelProto"])
def test_all_fields_that_can_contain_tensors_are_searched(message: str) -> None:
    """The table agrees with ONNX's definition of its messages."""
    fields = getattr(onnx, message).DESCRIPTOR.fields
    assert CHILDREN[message] == {
        field.number: field.message_type.name
        for field in fields
        if field.message_type is not None and reaches_tensors(field.message_type)
    }


def external(location: TensorProto.DataLocation) -> TensorProto:
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, data_location=location)
    tensor.external_data.add(key="location", value="w.bin")
    return tensor


def in_initializer(tensor: TensorProto) -> onnx.ModelProto:
    return helper.make_model(helper.make_graph([], "g", [], [], [tensor]))


def in_attribute(tensor: TensorProto) -> onnx.ModelProto:
    return in_node(helper.make_node("Constant", [], ["c"], value=tensor))


def in_node(node: onnx.NodeProto) -> onnx.ModelProto:
    return helper.make_model(helper.make_graph([node], "g", [], []))


def in_subgraph(tensor: TensorProto) -> onnx.ModelProto:
    branch = in_attribute(tensor).graph
    return in_node(helper.make_node("If", ["c"], [], then_branch=branch, else_branch=branch))


def in_sparse_initializer(tensor: TensorProto) -> onnx.ModelProto:
    model = in_initializer(TensorProto())
    model.graph.sparse_initializer.add(values=tensor)
    return model


def in_function(tensor: TensorProto) -> onnx.ModelProto:
    model = in_initializer(TensorProto())
    model.functions.add(name="f").node.extend(in_attribute(tensor).graph.node)
    return model


def in_training(tensor: TensorProto) -> onnx.ModelProto:
    model = in_initializer(TensorProto())
    model.training_info.add(algorithm=in_initializer(tensor).graph)
    return model


PLACES = [
    in_initializer,
    in_attribute,
    in_subgraph,
    in_sparse_initializer,
    in_function,
    in_training,
]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("location", [TensorProto.EXTERNAL, TensorProto.DEFAULT])
def test_external_data_is_found(
    place: Callable[[TensorProto], onnx.ModelProto], location: TensorProto.DataLocation
) -> None:
    """An external tensor is found anywhere, and so is a location that is not used."""
    assert has_external_data(place(external(location)).SerializeToString())
    assert not has_external_data(place(TensorProto(name="w")).SerializeToString())


def test_a_graph_in_two_parts_is_searched() -> None:
    """Protobuf merges a message that appears twice."""
    inside = in_initializer(TensorProto(name="w")).SerializeToString()
    outside = in_initializer(external(TensorProto.EXTERNAL)).SerializeToString()
    assert has_external_data(inside + outside)


def test_graphs_without_external_data() -> None:
    """Ordinary graphs have none."""
    for graph in small_graphs(300).values():
        assert not has_external_data(graph.SerializeToString())
    assert not has_external_data(arrange_graph())


@pytest.mark.parametrize(
    "content",
    [b"no graph", b"\x0b\x0c", b"\x3a\x05ab", b"\xff" * 20, b"\x80", b"\x07", b"\x3a\x80"],
)
def test_not_a_graph(content: bytes) -> None:
    """Anything else is refused."""
    with pytest.raises(ValueError, match="not an ONNX graph"):
        has_external_data(content)


def test_endless_fields() -> None:
    """A file of millions of tiny fields is refused before it takes minutes."""
    with pytest.raises(ValueError, match="more than 2000000 fields"):
        has_external_data(b"\x08\x01" * 2_000_001)
