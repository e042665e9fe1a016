"""Who trusts whom in the control plane? Makes the authorities, their certificates and the kubeconfig, valid for a day."""

import json
import subprocess

# The authority of aggregated requests must not be that of clients: whoever holds a client certificate could otherwise
# claim to be anybody.
AUTHORITIES = ["clients", "servers", "aggregated-requests"]
LEAVES = [
    # name, authority, subject, usage, names it answers to
    ("apiserver", "servers", "/CN=kube-apiserver", "serverAuth", "DNS:localhost,DNS:kubernetes.default.svc,IP:127.0.0.1"),
    ("adapter", "servers", "/CN=prometheus-adapter", "serverAuth",
     "DNS:prometheus-adapter.monitoring.svc,DNS:localhost,IP:127.0.0.1"),
    # Of KEDA's two halves both; each shows it to the other.
    ("keda", "servers", "/CN=keda", "serverAuth,clientAuth",
     "DNS:keda-operator-metrics-apiserver.monitoring.svc,DNS:localhost,IP:127.0.0.1"),
    ("administrator", "clients", "/O=system:masters/CN=administrator", "clientAuth", None),
    ("aggregator", "aggregated-requests", "/CN=aggregator", "clientAuth", None),
]


def openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"openssl {arguments[0]}: {done.stderr.strip()}")


def make(folder, server):
    """Fills `folder`; `server` is the URL of the kube-apiserver that its kubeconfig names."""
    folder.mkdir()
    new = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"]
    for name in AUTHORITIES:
        openssl(*new, "-subj", f"/CN={name}", "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.crt",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    for name, authority, subject, usage, names in LEAVES:
        openssl(*new, "-subj", subject, "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.crt",
                "-CA", folder / f"{authority}.crt", "-CAkey", folder / f"{authority}.key",
                "-addext", "basicConstraints=critical,CA:FALSE", "-addext", "keyUsage=critical,digitalSignature",
                "-addext", f"extendedKeyUsage={usage}", *(["-addext", f"subjectAltName={names}"] if names else []))
    openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", folder / "service-accounts.key")
    (folder / "kubeconfig").write_text(json.dumps(kubeconfig(folder, server)))


def kubeconfig(folder, server):
    return {
        "apiVersion": "v1", "kind": "Config", "current-context": "local",
        "clusters": [{"name": "local", "cluster": {"server": server, "certificate-authority": f"{folder}/servers.crt"}}],
        "users": [{"name": "administrator", "user": {"client-certificate": f"{folder}/administrator.crt",
                                                     "client-key": f"{folder}/administrator.key"}}],
        "contexts": [{"name": "local", "context": {"cluster": "local", "user": "administrator"}}],
    }
