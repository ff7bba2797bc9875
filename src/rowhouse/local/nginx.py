"""A private nginx: TLS by a small authority of its own in front of the API and the broker's websockets."""

import shutil
import socket
import ssl
from collections.abc import Mapping, Sequence
from pathlib import Path

from cryptography import x509

from rowhouse.kit.certificates import days_left, issue, make_authority
from rowhouse.local.accounts import Account
from rowhouse.local.binaries import find_program
from rowhouse.local.errors import ServerMissing
from rowhouse.local.server import DEPLOY, Server

CONFIG = "nginx.conf"
PLAIN = "http"
NAMES = ("127.0.0.1", "localhost")
RENEW_DAYS = 30


class NginxServer(Server):
    """nginx on 127.0.0.1 with HTTPS, and a port for HTTP that leads there.

    `web` is the built front end; its unchanging files are served from a copy, since nginx' user may not reach them.
    `beside` are other servers of this machine, by name and port, which get TLS too (`url_of`).
    """

    name = "nginx"

    def __init__(
        self,
        home: Path,
        api_port: int,
        mqtt_ws_port: int,
        web: Path,
        port: int | None = None,
        *,
        beside: Mapping[str, int] | None = None,
        more: Sequence[str] = (),
    ) -> None:
        super().__init__(home, port)
        self.beside = beside or {}
        for name in (PLAIN, *map(_tls, self.beside)):
            self.ports[name] = self.home.port(name)
            self._movable.add(name)
        self.api_port = api_port
        self.mqtt_ws_port = mqtt_ws_port
        self.web = web
        self.more = more

    def choose_account(self) -> Account:
        return Account.for_server("www-data")

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def plain_url(self) -> str:
        return f"http://127.0.0.1:{self.ports[PLAIN]}"

    def url_of(self, name: str) -> str:
        """Where a server beside it is asked over TLS."""
        return f"https://127.0.0.1:{self.ports[_tls(name)]}"

    @property
    def authority(self) -> Path:
        """The certificate to trust."""
        return self.home.path / "ca.crt"

    @property
    def certificate(self) -> Path:
        return self.home.etc(self.name, self.account) / "server.crt"

    def prepare(self) -> None:
        if not self._is_certified():
            self._make_certificate()
        self._copy_web()
        (self.data / "access.log").unlink(missing_ok=True)
        self.configure(CONFIG, (DEPLOY / "nginx" / CONFIG).read_text(encoding="utf-8"))
        headers = "security_headers.conf"
        self.configure(headers, (DEPLOY / "nginx" / headers).read_text(encoding="utf-8"))
        self.configure("local.conf", self._local_settings())
        listen = [
            f"listen 127.0.0.1:{self.port} ssl http2;",
            f"listen 127.0.0.1:{self.ports[PLAIN]};",
            *self.more,
        ]
        self.configure("listen.conf", "\n".join(listen) + "\n")

    def command(self) -> Sequence[str | Path]:
        program = find_program("nginx")
        if program is None:
            raise ServerMissing("nginx is not installed: apt-get install nginx-light")
        config = self.home.etc(self.name, self.account) / CONFIG
        return [program, "-p", self.data, "-c", config, "-e", "stderr", "-g", "daemon off;"]

    def ready(self) -> bool:
        # Not its answer: the API behind it starts later.
        trusting = ssl.create_default_context(cafile=self.authority)
        try:
            with (
                socket.create_connection(("127.0.0.1", self.port), 2) as connection,
                trusting.wrap_socket(connection, server_hostname="127.0.0.1"),
            ):
                return True
        except OSError:
            return False

    def _local_settings(self) -> str:
        lines = [
            f"upstream api {{ server 127.0.0.1:{self.api_port}; keepalive 32; keepalive_timeout 4s; }}",
            f"upstream mqtt {{ server 127.0.0.1:{self.mqtt_ws_port}; }}",
            f"map $host $is_known_host {{ default 0; {' '.join(f'{name} 1;' for name in NAMES)} }}",
            f"map $host $public_origin {{ default {self.url}; }}",
            f"map $host $web_root {{ default {self.data / 'web'}; }}",
            f"ssl_certificate {self.certificate};",
            f"ssl_certificate_key {self.certificate.with_suffix('.key')};",
            "access_log access.log json;",
        ]
        for name, port in self.beside.items():
            # Who builds addresses of its own does it from these two.
            headers = "proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Proto https;"
            location = f"location / {{ proxy_pass http://127.0.0.1:{port}; {headers} }}"
            lines.append(f"server {{ listen 127.0.0.1:{self.ports[_tls(name)]} ssl; {location} }}")
        return "\n".join(lines) + "\n"

    def _is_certified(self) -> bool:
        if not self.authority.exists() or not self.certificate.exists():
            return False
        return days_left(x509.load_pem_x509_certificate(self.certificate.read_bytes())) > RENEW_DAYS

    def _make_certificate(self) -> None:
        # The authority's key is thrown away: a home that needs another certificate makes another authority.
        authority = make_authority("Rowhouse, this machine alone")
        made = issue(authority, NAMES)
        self.configure("server.key", made.key_pem.decode())
        self.configure("server.crt", (made.pem + authority.pem).decode())
        self.authority.write_bytes(authority.pem)

    def _copy_web(self) -> None:
        copy, built = self.data / "web", self.web / "_next" / "static"
        shutil.rmtree(copy, ignore_errors=True)
        if built.is_dir():
            shutil.copytree(built, copy / "_next" / "static")
            for folder in (copy, *(found for found in copy.rglob("*") if found.is_dir())):
                folder.chmod(0o755)


def _tls(name: str) -> str:
    return f"{name}-tls"
