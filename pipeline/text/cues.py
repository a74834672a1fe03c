"""What can be counted about a comment without understanding it."""

import numpy as np
import polars as pl

#: seconds on either side of a comment in which others count as its burst
BURST_S = 5.0
LAUGHTER = r"哈|233|hhh|xswl|www"
PLAIN_WHITE = 0xFFFFFF


def cues(comments: pl.DataFrame) -> pl.DataFrame:
    """One float32 column per cue, one row per comment, in the order of the comments.

    Shape of the text (length, distinct share, marks, digits, letters, laughter, URL), how it is
    shown (mode, colour, size), when in the video and in the day, and how dense the comments are
    around it. Cues of what is not known are null, which boosted trees take as missing.
    """
    text, length = pl.col("text"), pl.col("text").str.len_chars()
    color = pl.col("color")
    last_onset = pl.when(pl.col("video_id").is_not_null()).then(pl.col("onset_s").max().over("video_id"))
    last_onset = pl.when(last_onset > 0).then(last_onset)  # in a recording all may stand before the live begins
    beijing = pl.col("sent_at").dt.convert_time_zone("Asia/Shanghai")
    frame = comments.select(
        length=length,
        distinct=text.str.extract_all("(?s).").list.n_unique() / length.clip(1),
        question_marks=text.str.count_matches(r"[?？]"),
        exclamation_marks=text.str.count_matches(r"[!！]"),
        full_stops=text.str.count_matches(r"[.。…]"),
        brackets=text.str.count_matches(r"[()（）\[\]【】「」『』《》]"),
        spaces=text.str.count_matches(r"\s"),
        digits=text.str.count_matches(r"\d"),
        latin_letters=text.str.count_matches(r"[A-Za-z]"),
        kana=text.str.count_matches(r"[\u3040-\u30ff]"),
        emoji=text.str.count_matches(r"[\u2600-\u27bf\U0001f300-\U0001faff]"),
        laughter=text.str.count_matches(LAUGHTER),
        url=text.str.contains(r"https?://|www\.|\.com|(?i)\b(av|bv)\d"),
        date=text.str.contains(r"20\d\d\D|\d{1,2}\.\d{1,2}\D?"),
        mode=pl.col("mode"),
        font_size=pl.col("font_size"),
        coloured=color != PLAIN_WHITE,
        red=(color // 65536) % 256,
        green=(color // 256) % 256,
        blue=color % 256,
        onset_s=pl.col("onset_s"),
        onset_share=(pl.col("onset_s") / last_onset).fill_nan(None),
        hour=beijing.dt.hour(),
        snapshots=pl.col("snapshots"),
        burst=burst_density(comments),
    )
    return frame.cast(pl.Float32())


def burst_density(comments: pl.DataFrame) -> pl.Series:
    """Comments of the same video within BURST_S seconds of each, itself not counted."""
    frame = comments.select("video_id", "onset_s").with_row_index("row").drop_nulls()
    density = np.full(len(comments), np.nan)
    for (_,), part in frame.group_by("video_id"):
        onsets = part["onset_s"].to_numpy()
        ordered = np.sort(onsets)
        upper = np.searchsorted(ordered, onsets + BURST_S, side="right")
        lower = np.searchsorted(ordered, onsets - BURST_S, side="left")
        density[part["row"].to_numpy()] = upper - lower - 1
    return pl.Series("burst", density).fill_nan(None)
