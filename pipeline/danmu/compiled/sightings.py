"""Compiled grouping of sightings: in which hours each comment was seen."""

from typing import Any

import numpy as np
from numba import njit

from pipeline.danmu.compiled.records import COMMENTS, SIGHTINGS, Records


@njit(cache=True, nogil=True)
def hours_seen(records: Records) -> Any:
    """The distinct hours of each comment, ascending.

    Returns:
        where the hours of each comment end, with a leading 0; and the hours.
    """
    comments, sightings = records.count[COMMENTS], records.count[SIGHTINGS]
    begins = np.zeros(comments + 1, np.int64)
    for sighting in range(sightings):
        begins[records.sightings[sighting].comment + 1] += 1
    begins = np.cumsum(begins)
    filled = begins.copy()
    hours = np.empty(sightings, np.int32)
    for sighting in range(sightings):
        comment = records.sightings[sighting].comment
        hours[filled[comment]] = records.sightings[sighting].hour
        filled[comment] += 1
    ends = np.zeros(comments + 1, np.int64)
    kept = 0
    for comment in range(comments):
        own = hours[begins[comment] : begins[comment + 1]]
        if len(own) > 1:
            own.sort()
        for index in range(len(own)):
            if index == 0 or own[index] != own[index - 1]:
                hours[kept] = own[index]
                kept += 1
        ends[comment + 1] = kept
    return ends, hours[:kept]
