"""The layers of the map."""
import math
from collections import defaultdict
from fractions import Fraction

from .kinds import PRESENCE_BANDS, RISK_BANDS, infectiousness
from .times import HOUR

# Cells of resolution 10 by venue, as the reference library of H3 (4.5.0, in C) gives them for the points in city.py.
CELLS = {
    "V-CHO": "8a415cb4e99ffff", "V-SIEUTHI": "8a415cb48807fff", "V-PHO": "8a415cb416dffff",
    "V-NGO": "8a415cb4134ffff", "V-BV": "8a415cb41af7fff", "V-CHOT": "8a415cb4365ffff",
    "V-XUONG": "8a415cb5e92ffff", "V-CAFE": "8a415cb4e497fff", "V-XA": "8a65b5662b5ffff",
    "V-IM": "8a415cb48837fff", "V-TRUONG": "8a415cb48857fff", "V-BEN": "8a415cb5c8dffff",
    "V-DEN": "8a415cb4b8c7fff", "V-SAN": "8a414369099ffff", "V-DAU": "8a415cb46457fff",
    "V-XA2": "8a65b5663747fff", "V-DOI": "8a415cb5d807fff", "V-VANG": "8a415cb4174ffff",
}


def parent(cell, res):
    """The index with its resolution set and the digits beyond it all ones."""
    index = int(cell, 16) & ~(0xF << 52) | res << 52
    return f"{index | ((1 << 3 * (15 - res)) - 1):x}"


def shown(values, bounds):
    """(cell, resolution, value in thousandths, band) at resolutions 7 to 10, by cell."""
    rows = []
    for res in range(7, 11):
        cells = defaultdict(list)
        for cell, value in values:
            cells[parent(cell, res)].append(value)
        for cell, mine in cells.items():
            thousandths = math.floor(sum(mine) * 1000 + 0.5)
            if thousandths:
                rows.append((cell, res, thousandths, sum(bound * 1000 <= thousandths for bound in bounds)))
    return sorted(rows, key=lambda row: (row[1], row[0]))


def placed(picture, venue):
    """The cell of a venue, if it has a place."""
    return CELLS[venue] if picture.venues[venue]["point"] else None


def presence(picture):
    cells = [placed(picture, venue) for _, venue in picture.present]
    return shown([(cell, Fraction(1)) for cell in cells if cell], PRESENCE_BANDS)


def risk(picture):
    values = []
    for f0, n, venue, begin, end, ends_by_itself in picture.cuts:
        cell = placed(picture, venue)
        if cell and ends_by_itself <= picture.now:
            permille = infectiousness(picture.episodes[f0][n]["zero"], begin)
            age_h = max(0, (picture.now - -(-end // HOUR) * HOUR) // HOUR)
            weighted = (end - begin) * permille * picture.kind(venue)[2]
            values.append((cell, weighted * 2 ** (-age_h / 72) / 60e6))
    return shown(values, RISK_BANDS)
