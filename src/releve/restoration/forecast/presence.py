"""Who is there when, and until when work lasts; written for `compiled.py` to compile as it stands."""

from releve.restoration.forecast.shapes import Row, Scratch, Tables

__all__ = ["ALL_SEATS", "SEATS", "end_of", "gather_stays", "note_stays"]

SEATS = 31  # of a word: a row of whole numbers has 32 bits, one of them the sign
ALL_SEATS = 0x7FFFFFFF


def end_of(t: Tables, d: Row, s: Scratch, w: Row, option: int, hour: int, work: int) -> int:
    """Return the end of the last of so many hours of work from an hour on.

    Where they cannot be done within the horizon: as many hours beyond it as remain to do.
    """
    profile = d[t.profile_of + option]
    counted = t.counted + profile
    if d[t.vendors_at + option] == d[t.vendors_at + option + 1]:
        at = d[counted + hour * t.profiles] + work - 1
        last = d[t.hours_at + profile + 1] - 1
        return d[t.hours + at] + 1 if at <= last else t.horizon + at - last
    while True:
        # The next hours in which all who may not come are there.
        ends = hour
        while ends == hour:
            ends = t.horizon
            for k in range(d[t.vendors_at + option], d[t.vendors_at + option + 1]):
                vendor = d[t.vendors + k]
                at = w[s.stay + vendor]
                while at < w[s.stays_end + vendor] and w[s.stay_to + at] <= hour:
                    at += 1
                if at == w[s.stays_end + vendor]:
                    return t.horizon + work
                ends = min(ends, w[s.stay_to + at])
                if w[s.stay_from + at] > hour:
                    hour = w[s.stay_from + at]
                    ends = hour
                    break
        before = d[counted + hour * t.profiles]
        there = d[counted + ends * t.profiles] - before
        if work <= there:
            return d[t.hours + before + work - 1] + 1
        work -= there
        hour = ends


def gather_stays(t: Tables, d: Row, s: Scratch, w: Row, vendor: int) -> None:
    """Write the hours somebody not to be relied on is there: windows kept, and those missed a week later; in order."""
    first = d[t.windows_at + vendor]
    last = first
    for window in range(first, d[t.windows_at + vendor + 1]):
        late = t.makeup_hours if w[s.absent + window] == 1 else 0
        begins = max(d[t.window_from + window] + late, 0)
        ends = min(d[t.window_to + window] + late, t.horizon)
        if begins < ends:
            at = last
            while at > first and w[s.stay_from + at - 1] > begins:
                w[s.stay_from + at] = w[s.stay_from + at - 1]
                w[s.stay_to + at] = w[s.stay_to + at - 1]
                at -= 1
            w[s.stay_from + at] = begins
            w[s.stay_to + at] = ends
            last += 1
    kept = first
    for at in range(first + 1, last):  # windows that touch are one stay: no hour counts twice
        if w[s.stay_from + at] <= w[s.stay_to + kept]:
            w[s.stay_to + kept] = max(w[s.stay_to + kept], w[s.stay_to + at])
        else:
            kept += 1
            w[s.stay_from + kept] = w[s.stay_from + at]
            w[s.stay_to + kept] = w[s.stay_to + at]
    w[s.stay + vendor] = first
    w[s.stays_end + vendor] = min(last, kept + 1)


def note_stays(t: Tables, d: Row, s: Scratch, w: Row, hour: int) -> None:
    """Take note of who of those not to be relied on is there, until the next of them comes or goes."""
    for k in range(t.words):
        w[s.here + k] = ALL_SEATS
    turn = t.horizon + 1
    for vendor in range(t.not_sure):
        at = w[s.stay + vendor]
        while at < w[s.stays_end + vendor] and w[s.stay_to + at] <= hour:
            at += 1
        w[s.stay + vendor] = at
        seat = d[t.vendor_seat + vendor]
        if at == w[s.stays_end + vendor]:
            w[s.here + (seat >> 5)] &= ~(1 << (seat & 31))
        elif w[s.stay_from + at] > hour:
            w[s.here + (seat >> 5)] &= ~(1 << (seat & 31))
            turn = min(turn, w[s.stay_from + at])
        else:
            turn = min(turn, w[s.stay_to + at])
    w[s.counts + 3] = turn
