#!/bin/sh
# Makes the database's passwords, once: what is there is kept. Three folders, each a volume of its
# own, so that a service sees no more than its own:
#
#   $SECRETS/passwords    plain, for the database alone
#   $SECRETS/owner        libpq's file for the role that writes
#   $SECRETS/reader       libpq's file for the role that reads
set -eu
umask 077

make_once() {  # FILE MODE: standard input becomes the file, whole or not at all
    [ ! -e "$1" ] || return 0
    cat > "$1.part"
    chmod "$2" "$1.part"
    mv "$1.part" "$1"
}

# 32 bytes of randomness as hexadecimal digits, which need no quoting anywhere.
random() { od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n'; }

for role in administrator owner reader; do
    # Readable for PostgreSQL's own user, whose number differs between images.
    random | make_once "$SECRETS/passwords/$role" 444
done

for role in owner reader; do
    file="$SECRETS/$role/pgpass"
    [ -e "$file" ] && continue
    # libpq ignores a file that others may read.
    printf '*:*:*:microscope_%s:%s\n' "$role" "$(cat "$SECRETS/passwords/$role")" > "$file.part"
    chmod 400 "$file.part"
    chown "$CLIENT" "$file.part"
    mv "$file.part" "$file"
done
