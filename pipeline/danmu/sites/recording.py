"""What live messages of all sites have in common: when they were sent, from which recording, and whether they speak."""

from pipeline.danmu.readers.fields import BadField
from pipeline.danmu.readers.place import recording
from pipeline.danmu.record import Comment
from pipeline.danmu.sites.site import Around


def no_comment(kind: str) -> BadField:
    """Why a live message is rejected that is none of comments."""
    return BadField(f"a live message that is no comment: {' '.join(kind.split())[:60] or 'of no kind'}")


def placed(comment: Comment, around: Around, room: str | None) -> Comment:
    """The comment with its second of the recording, where its start is known, and with the recording as its video."""
    if comment.onset_s is None and comment.sent_at is not None and around.start is not None:
        comment.onset_s = round((comment.sent_at - around.start).total_seconds(), 3)
    comment.video_id = comment.video_id or recording(room or around.room, around.start, around.file) or None
    return comment
