#!/bin/sh
# Completes PgBouncer's configuration with what differs here, below /tmp alone, and becomes it.
set -eu
secrets=${SECRETS:-/run/secrets}
certificates=${CERTIFICATES:-/certificates}
etc=${ETC:-/etc/rowhouse}
umask 077
folder=$(mktemp -d)

for name in app_user pgbouncer_stats; do
    printf '"%s" "%s"\n' "$name" "$(cat "$secrets/$name")"
done > "$folder/users.txt"

cat "$etc/pgbouncer.ini" - > "$folder/pgbouncer.ini" <<END
listen_addr = ${LISTEN:-*}
listen_port = ${PORT:-6432}
unix_socket_dir =
auth_file = $folder/users.txt
client_tls_sslmode = require
client_tls_cert_file = $certificates/pgbouncer.crt
client_tls_key_file = $secrets/pgbouncer_key
server_tls_sslmode = verify-full
server_tls_ca_file = $certificates/ca.crt
[databases]
rowhouse = host=${POSTGRES_HOST:-postgres} port=${POSTGRES_PORT:-5432}
END
exec pgbouncer "$folder/pgbouncer.ini"
