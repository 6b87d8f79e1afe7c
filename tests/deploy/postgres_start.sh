#!/bin/sh
# What the start of PostgreSQL's image does, as its page describes it: as root, it reads the
# password's file, gives the volume to its user and becomes it. On an empty volume it makes a
# database and runs the scripts of /docker-entrypoint-initdb.d, with a server that is reached by its
# socket alone. Then it is the server.
set -eu
if [ "$(id -u)" = 0 ]; then
    POSTGRES_PASSWORD=$(cat "$POSTGRES_PASSWORD_FILE")
    export POSTGRES_PASSWORD
    chown "$LOWER_USER" "$PGDATA"
    chmod 700 "$PGDATA"
    exec setpriv --reuid="$LOWER_USER" --regid="$LOWER_USER" --clear-groups "$0"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    umask 077
    printf '%s\n' "$POSTGRES_PASSWORD" > /tmp/password
    # The options are words.
    # shellcheck disable=SC2086
    initdb --username="$POSTGRES_USER" --pwfile=/tmp/password --no-sync $POSTGRES_INITDB_ARGS
    rm /tmp/password
    echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
    pg_ctl --wait --options="-c listen_addresses='' -c fsync=off" start
    createdb --username="$POSTGRES_USER" "$POSTGRES_DB"
    for script in /docker-entrypoint-initdb.d/*.sh; do "$script"; done
    pg_ctl --wait --mode=fast stop
fi
exec postgres -c "listen_addresses=*" -c fsync=off
