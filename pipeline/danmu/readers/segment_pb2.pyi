from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DmSegMobileReply(_message.Message):
    __slots__ = ("elems", "state")
    ELEMS_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    elems: _containers.RepeatedCompositeFieldContainer[DanmakuElem]
    state: int
    def __init__(self, elems: _Optional[_Iterable[_Union[DanmakuElem, _Mapping]]] = ..., state: _Optional[int] = ...) -> None: ...

class DanmakuElem(_message.Message):
    __slots__ = ("id", "progress", "mode", "fontsize", "color", "midHash", "content", "ctime", "weight", "action", "pool", "idStr", "attr", "animation")
    ID_FIELD_NUMBER: _ClassVar[int]
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    MODE_FIELD_NUMBER: _ClassVar[int]
    FONTSIZE_FIELD_NUMBER: _ClassVar[int]
    COLOR_FIELD_NUMBER: _ClassVar[int]
    MIDHASH_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    CTIME_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    ACTION_FIELD_NUMBER: _ClassVar[int]
    POOL_FIELD_NUMBER: _ClassVar[int]
    IDSTR_FIELD_NUMBER: _ClassVar[int]
    ATTR_FIELD_NUMBER: _ClassVar[int]
    ANIMATION_FIELD_NUMBER: _ClassVar[int]
    id: int
    progress: int
    mode: int
    fontsize: int
    color: int
    midHash: bytes
    content: bytes
    ctime: int
    weight: int
    action: bytes
    pool: int
    idStr: bytes
    attr: int
    animation: bytes
    def __init__(self, id: _Optional[int] = ..., progress: _Optional[int] = ..., mode: _Optional[int] = ..., fontsize: _Optional[int] = ..., color: _Optional[int] = ..., midHash: _Optional[bytes] = ..., content: _Optional[bytes] = ..., ctime: _Optional[int] = ..., weight: _Optional[int] = ..., action: _Optional[bytes] = ..., pool: _Optional[int] = ..., idStr: _Optional[bytes] = ..., attr: _Optional[int] = ..., animation: _Optional[bytes] = ...) -> None: ...

class DmWebViewReply(_message.Message):
    __slots__ = ("state", "dmSge")
    STATE_FIELD_NUMBER: _ClassVar[int]
    DMSGE_FIELD_NUMBER: _ClassVar[int]
    state: int
    dmSge: DmSegConfig
    def __init__(self, state: _Optional[int] = ..., dmSge: _Optional[_Union[DmSegConfig, _Mapping]] = ...) -> None: ...

class DmSegConfig(_message.Message):
    __slots__ = ("pageSize", "total")
    PAGESIZE_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    pageSize: int
    total: int
    def __init__(self, pageSize: _Optional[int] = ..., total: _Optional[int] = ...) -> None: ...
