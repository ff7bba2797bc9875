#!/bin/sh
# Completes Valkey's configuration with what differs here and becomes it, as its own user where root started it.
set -eu
secrets=${SECRETS:-/run/secrets}
certificates=${CERTIFICATES:-/certificates}
etc=${ETC:-/etc/rowhouse}
server=${SERVER:-valkey-server}
umask 077
folder=$(mktemp -d)

cp "$secrets/valkey_key" "$folder/server.key"
cat "$etc/valkey.conf" - > "$folder/valkey.conf" <<END
bind ${LISTEN:-*}
port 0
tls-port ${PORT:-6379}
tls-cert-file $certificates/valkey.crt
tls-key-file $folder/server.key
tls-ca-cert-file $certificates/ca.crt
tls-auth-clients no
tls-protocols "TLSv1.2 TLSv1.3"
dir ${DATA:-/data}
maxmemory ${MAX_MEMORY:-512mb}
requirepass $(cat "$secrets/valkey")
END
if [ "$(id -u)" = 0 ]; then
    chown -R valkey "$folder"
    exec setpriv --reuid=valkey --regid=valkey --clear-groups "$server" "$folder/valkey.conf"
fi
exec "$server" "$folder/valkey.conf"
