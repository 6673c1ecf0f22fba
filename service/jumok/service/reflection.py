"""Server reflection as `grpc.reflection.v1` and, for older clients, as `grpc.reflection.v1alpha`.

grpcio-reflection has v1alpha only. The messages of v1 are the same on the wire, so one servicer
answers both.
"""

from collections.abc import Iterable
from typing import Final

import grpc
from google.protobuf import descriptor_pool, text_format
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_reflection.v1alpha import reflection, reflection_pb2

_METHOD: Final = "ServerReflectionInfo"
_SERVICES: Final = ("grpc.reflection.v1.ServerReflection", reflection.SERVICE_NAME)
REFLECTION_METHODS: Final = tuple(f"/{service}/{_METHOD}" for service in _SERVICES)


def enable_reflection(service_names: Iterable[str], server: grpc.aio.Server) -> None:
    """Add both reflection services to a server.

    Args:
        service_names: Full names of the other services to list.
        server: The server, not started yet.
    """
    pool = descriptor_pool.Default()
    # Clients such as grpcurl describe every service that is listed, reflection itself included.
    pool.AddSerializedFile(_describe_v1().SerializeToString())
    servicer = reflection.aio.ReflectionServicer((*service_names, *_SERVICES), pool)
    handler = grpc.stream_stream_rpc_method_handler(
        servicer.ServerReflectionInfo,
        request_deserializer=reflection_pb2.ServerReflectionRequest.FromString,
        response_serializer=reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler(name, {_METHOD: handler}) for name in _SERVICES]
    )


def _describe_v1() -> FileDescriptorProto:
    """Return the descriptor of v1: that of v1alpha, renamed and no longer deprecated."""
    v1alpha = FileDescriptorProto()
    reflection_pb2.DESCRIPTOR.CopyToProto(v1alpha)
    v1alpha.options.ClearField("deprecated")
    text = text_format.MessageToString(v1alpha)
    return text_format.Parse(text.replace("v1alpha", "v1"), FileDescriptorProto())
