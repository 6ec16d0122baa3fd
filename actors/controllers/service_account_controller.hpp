#pragma once

#include <string>

#include "actors/controllers/api_port.hpp"
#include "actors/controllers/object_feed.hpp"
#include "kernel/supervisor.hpp"

namespace troupe::controllers {

/// What every namespace has, made when it is made and again when it is deleted: the ServiceAccount "default" and the
/// ConfigMap "kube-root-ca.crt" with `root_ca` (PEM). Feed and
/// API must outlive the System.
kernel::ChildSpec service_account_controller_child(ObjectFeed& feed, ApiPort& api, std::string root_ca);

}  // namespace troupe::controllers
