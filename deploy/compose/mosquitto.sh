#!/bin/sh
# Completes Mosquitto's configuration with what differs here, below /tmp alone, and becomes it.
set -eu
secrets=${SECRETS:-/run/secrets}
certificates=${CERTIFICATES:-/certificates}
etc=${ETC:-/etc/rowhouse}
data=${DATA:-/data}
umask 077
folder=$(mktemp -d)

if [ ! -e "$data/dynamic-security.json" ]; then
    cp "$secrets/mqtt_state" "$data/dynamic-security.json"
fi
cat "$etc/mosquitto.conf" - > "$folder/mosquitto.conf" <<END
plugin ${PLUGIN:-/usr/lib/mosquitto_dynamic_security.so}
plugin_opt_config_file $data/dynamic-security.json
persistence_location $data/
listener ${PORT:-8883} ${LISTEN:-}
protocol mqtt
certfile $certificates/mosquitto.crt
keyfile $secrets/mosquitto_key
tls_version tlsv1.2
listener ${WS_PORT:-8080} ${LISTEN:-}
protocol websockets
END
exec "${SERVER:-mosquitto}" -c "$folder/mosquitto.conf"
