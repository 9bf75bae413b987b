#!/bin/sh
# Opens workbooks with openpyxl and with LibreOffice, as strangers would: `open-with.sh FILE.xlsx…`.
# Needs apt's python3-openpyxl and libreoffice-calc. Fails at any warning of openpyxl but one, and if LibreOffice
# can't print. openpyxl warns of every extension, and a data bar of one solid colour is an extension.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

/usr/bin/python3 -W error - "$@" <<'PYTHON'
import sys
import warnings
import zipfile
from xml.etree import ElementTree

import openpyxl

warnings.filterwarnings("ignore", ".* extension is not supported and will be removed", UserWarning)

for name in sys.argv[1:]:
    with zipfile.ZipFile(name) as package:
        assert package.testzip() is None, f"{name}: damaged zip"
        for part in package.namelist():
            ElementTree.fromstring(package.read(part))
    workbook = openpyxl.load_workbook(name)
    # openpyxl takes any text that begins with "=" for a formula, so look at what the file says.
    with zipfile.ZipFile(name) as package:
        for part in package.namelist():
            if part.startswith("xl/worksheets/sheet"):
                assert b"<f>" not in package.read(part), f"{name}: {part} holds a formula"
    print(f"{name}: openpyxl reads {len(workbook.sheetnames)} sheets")
PYTHON

for name in "$@"; do
  soffice --headless "-env:UserInstallation=file://$folder/profile" --convert-to pdf --outdir "$folder" "$name" \
    >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }
  pdf="$folder/$(basename "${name%.xlsx}").pdf"
  [ -s "$pdf" ] || { cat "$folder/log"; echo "$name: LibreOffice made no PDF"; exit 1; }
  echo "$name: LibreOffice prints it"
done
