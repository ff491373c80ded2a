"""Makes "Vong Lau Figures": the digits of Be Vietnam Pro, all of one width.

The family as packaged has no tabular figures, so digits that tick or stand in
columns would jump. This keeps the ten digits of each weight and centres every
one in the same cell; the glyphs themselves are not changed.

    pip install fonttools brotli
    python scripts/make_figures_font.py
"""

from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

WEB = Path(__file__).resolve().parent.parent
SOURCE = WEB / "node_modules/@fontsource/be-vietnam-pro/files"
TARGET = WEB / "src/fonts"

WEIGHTS = (400, 500, 600, 700)
DIGITS = "0123456789"
CELL_UNITS_MIN = 660
SIDE_UNITS_MIN = 30
FAMILY_NAME_IDS = (1, 3, 4, 16)
POSTSCRIPT_NAME_ID = 6


def keep_digits(font):
    options = Options()
    options.layout_features = []
    options.name_IDs = ["*"]
    options.notdef_outline = True
    subsetter = Subsetter(options)
    subsetter.populate(text=DIGITS)
    subsetter.subset(font)


def centre_digits(font):
    """Gives every digit one advance width and equal room at both sides."""
    glyphs, metrics, characters = font["glyf"], font["hmtx"], font.getBestCmap()
    names = [characters[ord(digit)] for digit in DIGITS]
    ink = {name: glyphs[name].xMax - glyphs[name].xMin for name in names}
    cell = max(CELL_UNITS_MIN, max(ink.values()) + 2 * SIDE_UNITS_MIN)
    for name in names:
        left = round((cell - ink[name]) / 2)
        glyphs[name].coordinates.translate((left - glyphs[name].xMin, 0))
        glyphs[name].recalcBounds(glyphs)
        metrics[name] = (cell, left)


def rename(font):
    """A changed font must not carry the old name (Open Font License, 3)."""
    for record in list(font["name"].names):
        if record.nameID in FAMILY_NAME_IDS:
            record.string = "Vong Lau Figures"
        elif record.nameID == POSTSCRIPT_NAME_ID:
            record.string = "VongLauFigures"


def main():
    TARGET.mkdir(parents=True, exist_ok=True)
    for weight in WEIGHTS:
        # A fixed timestamp in the head table keeps repeated runs identical.
        font = TTFont(SOURCE / f"be-vietnam-pro-latin-{weight}-normal.woff2", recalcTimestamp=False)
        keep_digits(font)
        centre_digits(font)
        rename(font)
        font.flavor = "woff2"
        font.save(TARGET / f"vong-lau-figures-{weight}.woff2")


if __name__ == "__main__":
    main()
