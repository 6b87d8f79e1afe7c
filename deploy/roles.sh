#!/bin/sh
# The two roles that our services connect as. The image of PostgreSQL runs this once, as the
# administrator, when it has made an empty database. The owner makes and fills tables; the reader
# sees what the owner makes, and can change nothing.
set -eu

psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 \
    --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" --set=database="$POSTGRES_DB" <<'SQL'
\set owner `cat "$PASSWORDS/owner"`
\set reader `cat "$PASSWORDS/reader"`
BEGIN;
CREATE ROLE microscope_owner LOGIN PASSWORD :'owner';
CREATE ROLE microscope_reader LOGIN PASSWORD :'reader';
ALTER ROLE microscope_reader SET default_transaction_read_only = on;
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
ALTER DATABASE :"database" OWNER TO microscope_owner;
GRANT CONNECT ON DATABASE :"database" TO microscope_reader;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER SCHEMA public OWNER TO microscope_owner;
GRANT USAGE ON SCHEMA public TO microscope_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE microscope_owner IN SCHEMA public
    GRANT SELECT ON TABLES TO microscope_reader;
COMMIT;
SQL
