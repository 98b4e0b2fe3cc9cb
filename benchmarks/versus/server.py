"""The real server of all measurements: an nginx with a certificate authority, ports and files of its own."""

import os
import socket
import textwrap

from sampling import Status
from tools import Trouble, tool, wait_until

SMALL = 256
FILES = {"64k": 64 * 1024, "1m": 1024 * 1024}
CONNECTIONS = 16384

CONFIGURATION = """\
    {user}
    daemon off;
    pid {home}/nginx.pid;
    error_log {home}/error.log warn;
    worker_processes {workers};
    worker_rlimit_nofile {files};
    events {{ worker_connections {connections}; }}
    http {{
        access_log off;
        default_type application/json;
        client_body_temp_path {home}/tmp_body;
        proxy_temp_path {home}/tmp_proxy;
        fastcgi_temp_path {home}/tmp_fastcgi;
        uwsgi_temp_path {home}/tmp_uwsgi;
        scgi_temp_path {home}/tmp_scgi;
        keepalive_timeout 300s;
        keepalive_requests 1000000000;
        keepalive_time 24h;
        client_header_timeout 300s;
        send_timeout 300s;
        reset_timedout_connection off;
        ssl_certificate {home}/server.crt;
        ssl_certificate_key {home}/server.key;
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_conf_command Ciphersuites TLS_AES_256_GCM_SHA384;
        ssl_session_tickets on;
        ssl_session_timeout 1h;
        server {{
            listen 127.0.0.1:{port} ssl backlog=8192;
            listen 127.0.0.1:{port_h2} ssl http2 backlog=8192;
            root {home}/www;
            location = /small {{ return 200 '{small}'; }}
        }}
        server {{
            listen 127.0.0.1:{port_status};
            location = /status {{ stub_status; }}
        }}
    }}
"""


def free_ports(count):
    """Ports that were free a moment ago, all different."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def small_body():
    """A JSON object of exactly 256 bytes."""
    empty = '{"id":17,"name":"bench","ok":true,"text":""}'
    return empty.replace('""', '"' + "x" * (SMALL - len(empty)) + '"')


def make_certificates(children, home):
    """A certificate authority and a P-256 certificate for *.bench.test signed by it."""
    def run(*words):
        status, text = children.run([tool("openssl"), *words], 60, cwd=home)
        if status != 0:
            raise Trouble(f"openssl {words[0]} failed: {text.strip()[-300:]}")

    with open(f"{home}/leaf.ext", "w", encoding="ascii") as out:
        out.write("subjectAltName=DNS:*.bench.test\nbasicConstraints=critical,CA:FALSE\n"
                  "keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n")
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    run("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.crt", "-days", "30", "-subj", "/CN=bench authority",
        "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    run("req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=app.bench.test")
    run("x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-set_serial", "4711",
        "-days", "30", "-extfile", "leaf.ext", "-out", "server.crt")


class Server:
    """The running nginx. Leave `core` out to have it run on any core, with as many workers as asked for."""

    def __init__(self, children, cores, home, file_limit):
        self.children, self.cores, self.home, self.file_limit = children, cores, home, file_limit
        self.child = self.status = None
        self.ca, self.token = f"{home}/ca.crt", f"{home}/token"
        make_certificates(children, home)
        os.makedirs(f"{home}/www", exist_ok=True)
        for name, size in FILES.items():
            with open(f"{home}/www/{name}", "wb") as out:
                out.write((b"0123456789abcdef" * (size // 16))[:size])
        with open(self.token, "w", encoding="ascii") as out:
            out.write("".join("abcdefghijklmnopqrstuvwxyzABCDEF"[i * 7 % 32] for i in range(900)))

    def start(self, workers=1, pinned=True):
        self.port, self.port_h2, port_status = free_ports(3)
        text = textwrap.dedent(CONFIGURATION).format(
            user="user root;" if os.geteuid() == 0 else "", home=self.home, workers=workers,
            files=self.file_limit, connections=min(CONNECTIONS, self.file_limit - 64), port=self.port,
            port_h2=self.port_h2, port_status=port_status, small=small_body())
        with open(f"{self.home}/nginx.conf", "w", encoding="ascii") as out:
            out.write(text)
        argv = [tool("nginx"), "-p", self.home, "-e", f"{self.home}/error.log", "-c", f"{self.home}/nginx.conf"]
        with open(f"{self.home}/nginx.out", "wb") as out:
            self.child = self.children.start(self.cores.on(self.cores.server if pinned else None, argv),
                                             stdout=out, stderr=out)
        self.status = Status(port_status)
        wait_until(lambda: self.child.poll() is not None or self.status.answers(), 10, "nginx to answer")
        if self.child.poll() is not None:
            raise Trouble("nginx ended: " + self.words())
        return self

    def start_again_if_ended(self):
        if self.child is None or self.child.poll() is not None:
            self.stop()
            self.start()

    def words(self):
        """The end of what nginx wrote."""
        text = ""
        for name in ("nginx.out", "error.log"):
            path = f"{self.home}/{name}"
            if os.path.exists(path):
                with open(path, encoding="utf-8", errors="replace") as log:
                    text += log.read()[-600:]
        return text.strip()

    def stop(self):
        if self.status is not None:
            self.status.close()
        if self.child is not None:
            self.children.end(self.child)
        self.child = self.status = None
