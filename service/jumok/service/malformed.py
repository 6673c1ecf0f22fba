"""Requests that are no protobuf: INVALID_ARGUMENT instead of gRPC's INTERNAL."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import grpc
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import DecodeError, Message
from google.protobuf.unknown_fields import UnknownFieldSet
from grpc import HandlerCallDetails
from grpc.aio import ServerInterceptor

from jumok.service.errors import InvalidRequestError
from jumok.service.statuses import abort
from jumok.v1.translation_pb2 import DESCRIPTOR

_LENGTH_DELIMITED = 2
_Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"


class MalformedRequestInterceptor(ServerInterceptor):
    """Lets the methods of our services refuse what does not parse."""

    async def intercept_service(
        self,
        continuation: "Callable[[HandlerCallDetails], Awaitable[_Handler | None]]",
        handler_call_details: HandlerCallDetails,
    ) -> "_Handler | None":
        """Wrap a method's parsing; methods of other services pass untouched."""
        handler = await continuation(handler_call_details)
        service, _, method = handler_call_details.method.removeprefix("/").rpartition("/")
        name = service.rpartition(".")[2]
        if handler is None or service != f"{DESCRIPTOR.package}.{name}":
            return handler
        request = DESCRIPTOR.services_by_name[name].methods_by_name[method].input_type
        parse = handler.request_deserializer
        assert parse is not None

        def deserialize(content: bytes) -> Message | InvalidRequestError:
            try:
                message: Message = parse(content)
                return message
            except DecodeError:
                return InvalidRequestError(*_explain(content, request))

        if handler.response_streaming:
            return grpc.unary_stream_rpc_method_handler(
                _refusing(handler.unary_stream), deserialize, handler.response_serializer
            )
        return grpc.unary_unary_rpc_method_handler(
            _refusing(handler.unary_unary), deserialize, handler.response_serializer
        )


def _refusing(behaviour: Any) -> Callable[[Any, Any], Awaitable[Any]]:
    async def refuse_or_answer(request: Any, context: Any) -> Any:
        if isinstance(request, InvalidRequestError):
            await abort(context, request)
        return await behaviour(request, context)

    return refuse_or_answer


def _explain(content: bytes, request: Descriptor) -> tuple[str, str]:
    """Find the string field that is not UTF-8 (a lone surrogate, say), or blame the whole."""
    for field in _fields(content):
        descriptor = request.fields_by_number.get(field.field_number)
        if (
            descriptor is not None
            and descriptor.type == FieldDescriptor.TYPE_STRING
            and field.wire_type == _LENGTH_DELIMITED
        ):
            try:
                field.data.decode()
            except UnicodeDecodeError as error:
                reason = f"byte {error.start} is not UTF-8 (a lone surrogate is not either)"
                return descriptor.name, f"{descriptor.name} is not Unicode text: {reason}"
    return "", f"the request is not a protobuf message {request.full_name}"


def _fields(content: bytes) -> list[Any]:
    try:
        fields: Any = UnknownFieldSet(Empty.FromString(content))  # the stubs miss that it iterates
        return list(fields)
    except DecodeError:
        return []
