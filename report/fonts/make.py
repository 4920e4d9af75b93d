"""Makes the two fonts of the report from those that the dashboard has from npm: `python3 make.py`, with fonttools and
brotli. Latin, Greek and Cyrillic in one file a weight, without what shapes letters, which the report does not use."""

from pathlib import Path
from tempfile import TemporaryDirectory

from fontTools.merge import Merger
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

HERE = Path(__file__).parent
FILES = HERE / "../../dashboard/node_modules/@fontsource-variable/inter/files"
SCRIPTS = ("latin", "latin-ext", "greek", "cyrillic")
UNUSED = ("GSUB", "GPOS", "GDEF", "STAT", "meta", "DSIG", "MVAR", "HVAR", "gasp", "kern")

for name, weight in (("Inter-Regular", 400), ("Inter-Bold", 650)):
    with TemporaryDirectory() as folder:
        parts = []
        for script in SCRIPTS:
            font = TTFont(FILES / f"inter-{script}-wght-normal.woff2")
            font.flavor = None
            font = instancer.instantiateVariableFont(font, {"wght": weight})
            for table in UNUSED:
                if table in font:
                    del font[table]
            parts.append(f"{folder}/{script}.ttf")
            font.save(parts[-1])
        Merger().merge(parts).save(HERE / f"{name}.ttf")
