#!/bin/sh
# Puts key and configuration where PostgreSQL's user may read them, and goes on as the image itself does.
set -eu
secrets=${SECRETS:-/run/secrets}
install -d -o postgres -g postgres -m 700 /run/rowhouse
install -o postgres -g postgres -m 600 "$secrets/postgres_key" /run/rowhouse/server.key
install -o postgres -g postgres -m 600 /etc/rowhouse/postgresql.conf /etc/rowhouse/tls.conf /run/rowhouse/
cat > /run/rowhouse/local.conf <<END
listen_addresses = '*'
shared_buffers = '${SHARED_BUFFERS:-512MB}'
include = 'tls.conf'
ssl_cert_file = '/certificates/postgres.crt'
ssl_key_file = '/run/rowhouse/server.key'
END
exec docker-entrypoint.sh postgres -c config_file=/run/rowhouse/postgresql.conf \
    -c hba_file=/etc/rowhouse/pg_hba.conf
