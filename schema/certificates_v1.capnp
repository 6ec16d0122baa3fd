@0xb6c68e005d2dfb81;
# Written by schema/tools/generate.py from facts/api and ordinals.lock.json: change those.

using Cxx = import "/capnp/c++.capnp";
using K = import "/schema/kubernetes.capnp";
using MetaV1 = import "/schema/meta_v1.capnp";

$Cxx.namespace("troupe::k8s::certificates::v1");
$K.package(name = "certificates/v1", group = "certificates.k8s.io", version = "v1", enums = [(name =
    "certificates/v1.KeyUsage", closed = true, values = ["signing", "digital signature", "content commitment",
    "key encipherment", "key agreement", "data encipherment", "cert sign", "crl sign", "encipher only",
    "decipher only", "any", "server auth", "client auth", "code signing", "email protection", "s/mime",
    "ipsec end system", "ipsec tunnel", "ipsec user", "timestamping", "ocsp signing", "microsoft sgc",
    "netscape sgc"]), (name = "certificates/v1.RequestConditionType", values = ["Approved", "Denied", "Failed"])]);

struct CertificateSigningRequest $K.type(typeMeta = true, markers = ["genclient", "genclient:nonNamespaced",
    "genclient:method=UpdateApproval,verb=update,subresource=approval,input=k8s.io/api/certificates/v1.CertificateSigningRequest,result=k8s.io/api/certificates/v1.CertificateSigningRequest",
    "k8s:prerelease-lifecycle-gen:introduced=1.19", "k8s:supportsSubresource=\"/status\"",
    "k8s:supportsSubresource=\"/approval\""]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :CertificateSigningRequestSpec $K.f(proto = 2, emit = always);
  status @2 :CertificateSigningRequestStatus $K.f(proto = 3, emit = always, optional = true);
}

struct CertificateSigningRequestCondition {
  type @0 :Text $K.f(values = "certificates/v1.RequestConditionType", proto = 1, emit = always);
  status @1 :Text $K.f(values = "core/v1.ConditionStatus", proto = 6, emit = always);
  reason @2 :Text $K.f(proto = 2, optional = true);
  message @3 :Text $K.f(proto = 3, optional = true);
  lastUpdateTime @4 :Int64 $K.f(kind = time, proto = 4, emit = always, optional = true);
  hasLastUpdateTime @5 :Bool $K.presence("lastUpdateTime");
  lastTransitionTime @6 :Int64 $K.f(kind = time, proto = 5, emit = always, optional = true);
  hasLastTransitionTime @7 :Bool $K.presence("lastTransitionTime");
}

struct CertificateSigningRequestList $K.type(typeMeta = true, markers =
    ["k8s:prerelease-lifecycle-gen:introduced=1.19"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(CertificateSigningRequest) $K.f(proto = 2, emit = always);
}

struct CertificateSigningRequestSpec {
  request @0 :Data $K.f(proto = 1, emit = always);
  signerName @1 :Text $K.f(proto = 7, emit = always);
  expirationSeconds @2 :Int32 $K.f(proto = 8, emit = ifSet, pointer = true, optional = true);
  hasExpirationSeconds @3 :Bool $K.presence("expirationSeconds");
  usages @4 :List(Text) $K.f(values = "certificates/v1.KeyUsage", proto = 5, emit = ifNonEmpty, listType = atomic);
  username @5 :Text $K.f(proto = 2, optional = true);
  uid @6 :Text $K.f(proto = 3, optional = true);
  groups @7 :List(Text) $K.f(proto = 4, emit = ifNonEmpty, optional = true, listType = atomic);
  extra @8 :List(K.TextListEntry) $K.f(kind = map, proto = 6, emit = ifNonEmpty, optional = true);
}

struct CertificateSigningRequestStatus {
  conditions @0 :List(CertificateSigningRequestCondition) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType
      = map, keys = ["type"], rules = ["k8s:alpha(since: \"1.36\")=+k8s:listType=map",
      "k8s:alpha(since: \"1.36\")=+k8s:listMapKey=type", "k8s:alpha(since: \"1.36\")=+k8s:customUnique",
      "k8s:alpha(since: \"1.36\")=+k8s:optional",
      "k8s:alpha(since: \"1.36\")=+k8s:item(type: \"Approved\")=+k8s:zeroOrOneOfMember",
      "k8s:alpha(since: \"1.36\")=+k8s:item(type: \"Denied\")=+k8s:zeroOrOneOfMember"]);
  certificate @1 :Data $K.f(proto = 2, emit = ifNonEmpty, optional = true);
}
