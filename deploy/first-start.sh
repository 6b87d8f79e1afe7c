#!/bin/sh
# Brings the database to this image's schema, and puts the demo into one that holds nothing.
# A copy that was interrupted goes on: `migrate` refuses an unfinished one, and `copy` resumes it.
set -eu
demo=/usr/local/share/microscope/demo.db

if [ "${DEMO_DATA:-yes}" != yes ] || [ ! -s "$demo" ]; then
    exec microscope migrate
fi
if microscope migrate; then
    microscope status | grep -q '^Nothing is stored yet' || exit 0
fi
exec microscope copy --from "$demo" --to "$MICROSCOPE_DATABASE"
