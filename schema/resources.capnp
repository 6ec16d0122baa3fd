@0xa8404844ab2296f6;
# Written by schema/tools/generate.py from facts/resources.json and facts/subresources.json: change those.

using Cxx = import "/capnp/c++.capnp";
using K = import "/schema/kubernetes.capnp";

$Cxx.namespace("troupe::k8s");

const resources :List(K.Resource) = [
  (version = "v1", kind = "Binding", plural = "bindings", singular = "binding", namespaced = true, verbs = ["create"]),
  (version = "v1", kind = "ComponentStatus", plural = "componentstatuses", singular = "componentstatus", shortNames =
      ["cs"], verbs = ["get", "list"], selectableFields = ["metadata.name"], columns = [(name = "Name", type =
      "string", format = "name"), (name = "Status", type = "string"), (name = "Message", type = "string"), (name =
      "Error", type = "string")]),
  (version = "v1", kind = "ConfigMap", plural = "configmaps", singular = "configmap", shortNames = ["cm"], namespaced =
      true, verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
      selectableFields = ["metadata.name", "metadata.namespace"], columns = [(name = "Name", type = "string", format =
      "name"), (name = "Data", type = "string"), (name = "Age", type = "string")]),
  (version = "v1", kind = "Endpoints", plural = "endpoints", singular = "endpoints", shortNames = ["ep"], namespaced =
      true, verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
      selectableFields = ["metadata.name", "metadata.namespace"], columns = [(name = "Name", type = "string", format =
      "name"), (name = "Endpoints", type = "string"), (name = "Age", type = "string")]),
  (version = "v1", kind = "Event", plural = "events", singular = "event", shortNames = ["ev"], namespaced = true, verbs
      = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"], selectableFields =
      ["metadata.name", "metadata.namespace", "involvedObject.kind", "involvedObject.namespace", "involvedObject.name",
      "involvedObject.uid", "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath",
      "reason", "reportingComponent", "source", "type"], columns = [(name = "Last Seen", type = "string"), (name =
      "Type", type = "string"), (name = "Reason", type = "string"), (name = "Object", type = "string"), (name =
      "Subobject", type = "string", priority = 1), (name = "Source", type = "string", priority = 1), (name = "Message",
      type = "string"), (name = "First Seen", type = "string", priority = 1), (name = "Count", type = "string",
      priority = 1), (name = "Name", type = "string", format = "name", priority = 1)]),
  (version = "v1", kind = "LimitRange", plural = "limitranges", singular = "limitrange", shortNames = ["limits"],
      namespaced = true, verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
      selectableFields = ["metadata.name", "metadata.namespace"], columns = [(name = "Name", type = "string", format =
      "name"), (name = "Created At", type = "date")]),
  (version = "v1", kind = "Namespace", plural = "namespaces", singular = "namespace", shortNames = ["ns"], verbs =
      ["create", "delete", "get", "list", "patch", "update", "watch"], subresources = [(name = "finalize", version =
      "v1", kind = "Namespace", verbs = ["update"]), (name = "status", version = "v1", kind = "Namespace", verbs =
      ["get", "patch", "update"])], selectableFields = ["metadata.name", "status.phase"], columns = [(name = "Name",
      type = "string", format = "name"), (name = "Status", type = "string"), (name = "Age", type = "string")]),
  (version = "v1", kind = "Node", plural = "nodes", singular = "node", shortNames = ["no"], verbs = ["create",
      "delete", "deletecollection", "get", "list", "patch", "update", "watch"], subresources = [(name = "proxy",
      version = "v1", kind = "NodeProxyOptions", verbs = ["create", "delete", "get", "patch", "update"]), (name =
      "status", version = "v1", kind = "Node", verbs = ["get", "patch", "update"])], selectableFields =
      ["metadata.name", "spec.unschedulable"], columns = [(name = "Name", type = "string", format = "name"), (name =
      "Status", type = "string"), (name = "Roles", type = "string"), (name = "Age", type = "string"), (name =
      "Version", type = "string"), (name = "Internal-IP", type = "string", priority = 1), (name = "External-IP", type =
      "string", priority = 1), (name = "OS-Image", type = "string", priority = 1), (name = "Kernel-Version", type =
      "string", priority = 1), (name = "Container-Runtime", type = "string", priority = 1)]),
  (version = "v1", kind = "PersistentVolume", plural = "persistentvolumes", singular = "persistentvolume", shortNames =
      ["pv"], verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"], subresources
      = [(name = "status", version = "v1", kind = "PersistentVolume", verbs = ["get", "patch", "update"])],
      selectableFields = ["metadata.name"], columns = [(name = "Name", type = "string", format = "name"), (name =
      "Capacity", type = "string"), (name = "Access Modes", type = "string"), (name = "Reclaim Policy", type =
      "string"), (name = "Status", type = "string"), (name = "Claim", type = "string"), (name = "StorageClass", type =
      "string"), (name = "VolumeAttributesClass", type = "string"), (name = "Reason", type = "string"), (name = "Age",
      type = "string"), (name = "VolumeMode", type = "string", priority = 1)]),
  (version = "v1", kind = "PersistentVolumeClaim", plural = "persistentvolumeclaims", singular =
      "persistentvolumeclaim", shortNames = ["pvc"], namespaced = true, verbs = ["create", "delete",
      "deletecollection", "get", "list", "patch", "update", "watch"], subresources = [(name = "status", version = "v1",
      kind = "PersistentVolumeClaim", verbs = ["get", "patch", "update"])], selectableFields = ["metadata.name",
      "metadata.namespace"], columns = [(name = "Name", type = "string", format = "name"), (name = "Status", type =
      "string"), (name = "Volume", type = "string"), (name = "Capacity", type = "string"), (name = "Access Modes", type
      = "string"), (name = "StorageClass", type = "string"), (name = "VolumeAttributesClass", type = "string"), (name =
      "Age", type = "string"), (name = "VolumeMode", type = "string", priority = 1)]),
  (version = "v1", kind = "Pod", plural = "pods", singular = "pod", shortNames = ["po"], categories = ["all"],
      namespaced = true, verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
      subresources = [(name = "attach", version = "v1", kind = "PodAttachOptions", verbs = ["create", "get"]), (name =
      "binding", version = "v1", kind = "Binding", verbs = ["create"]), (name = "ephemeralcontainers", version = "v1",
      kind = "Pod", verbs = ["get", "patch", "update"]), (name = "eviction", group = "policy", version = "v1", kind =
      "Eviction", verbs = ["create"]), (name = "exec", version = "v1", kind = "PodExecOptions", verbs = ["create",
      "get"]), (name = "log", version = "v1", kind = "Pod", verbs = ["get"]), (name = "portforward", version = "v1",
      kind = "PodPortForwardOptions", verbs = ["create", "get"]), (name = "proxy", version = "v1", kind =
      "PodProxyOptions", verbs = ["create", "delete", "get", "patch", "update"]), (name = "resize", version = "v1",
      kind = "Pod", verbs = ["get", "patch", "update"]), (name = "status", version = "v1", kind = "Pod", verbs =
      ["get", "patch", "update"])], selectableFields = ["metadata.name", "metadata.namespace", "spec.nodeName",
      "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork", "status.phase",
      "status.podIP", "status.podIPs", "status.nominatedNodeName"], columns = [(name = "Name", type = "string", format
      = "name"), (name = "Ready", type = "string"), (name = "Status", type = "string"), (name = "Restarts", type =
      "string"), (name = "Age", type = "string"), (name = "IP", type = "string", priority = 1), (name = "Node", type =
      "string", priority = 1), (name = "Nominated Node", type = "string", priority = 1), (name = "Readiness Gates",
      type = "string", priority = 1)]),
  (version = "v1", kind = "PodTemplate", plural = "podtemplates", singular = "podtemplate", namespaced = true, verbs =
      ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"], selectableFields =
      ["metadata.name", "metadata.namespace"], columns = [(name = "Name", type = "string", format = "name"), (name =
      "Containers", type = "string"), (name = "Images", type = "string"), (name = "Pod Labels", type = "string")]),
  (version = "v1", kind = "ReplicationController", plural = "replicationcontrollers", singular =
      "replicationcontroller", shortNames = ["rc"], categories = ["all"], namespaced = true, verbs = ["create",
      "delete", "deletecollection", "get", "list", "patch", "update", "watch"], subresources = [(name = "scale", group
      = "autoscaling", version = "v1", kind = "Scale", verbs = ["get", "patch", "update"]), (name = "status", version =
      "v1", kind = "ReplicationController", verbs = ["get", "patch", "update"])], selectableFields = ["metadata.name",
      "metadata.namespace", "status.replicas"], columns = [(name = "Name", type = "string", format = "name"), (name =
      "Desired", type = "integer"), (name = "Current", type = "integer"), (name = "Ready", type = "integer"), (name =
      "Age", type = "string"), (name = "Containers", type = "string", priority = 1), (name = "Images", type = "string",
      priority = 1), (name = "Selector", type = "string", priority = 1)]),
  (version = "v1", kind = "ResourceQuota", plural = "resourcequotas", singular = "resourcequota", shortNames =
      ["quota"], namespaced = true, verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update",
      "watch"], subresources = [(name = "status", version = "v1", kind = "ResourceQuota", verbs = ["get", "patch",
      "update"])], selectableFields = ["metadata.name", "metadata.namespace"], columns = [(name = "Name", type =
      "string", format = "name"), (name = "Age", type = "string"), (name = "Request", type = "string"), (name =
      "Limit", type = "string")]),
  (version = "v1", kind = "Secret", plural = "secrets", singular = "secret", namespaced = true, verbs = ["create",
      "delete", "deletecollection", "get", "list", "patch", "update", "watch"], selectableFields = ["metadata.name",
      "metadata.namespace", "type"], columns = [(name = "Name", type = "string", format = "name"), (name = "Type", type
      = "string"), (name = "Data", type = "string"), (name = "Age", type = "string")]),
  (version = "v1", kind = "Service", plural = "services", singular = "service", shortNames = ["svc"], categories =
      ["all"], namespaced = true, verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update",
      "watch"], subresources = [(name = "proxy", version = "v1", kind = "ServiceProxyOptions", verbs = ["create",
      "delete", "get", "patch", "update"]), (name = "status", version = "v1", kind = "Service", verbs = ["get",
      "patch", "update"])], selectableFields = ["metadata.name", "metadata.namespace", "spec.clusterIP", "spec.type"],
      columns = [(name = "Name", type = "string", format = "name"), (name = "Type", type = "string"), (name =
      "Cluster-IP", type = "string"), (name = "External-IP", type = "string"), (name = "Port(s)", type = "string"),
      (name = "Age", type = "string"), (name = "Selector", type = "string", priority = 1)]),
  (version = "v1", kind = "ServiceAccount", plural = "serviceaccounts", singular = "serviceaccount", shortNames =
      ["sa"], namespaced = true, verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update",
      "watch"], subresources = [(name = "token", group = "authentication.k8s.io", version = "v1", kind =
      "TokenRequest", verbs = ["create"])], selectableFields = ["metadata.name", "metadata.namespace"], columns =
      [(name = "Name", type = "string", format = "name"), (name = "Age", type = "string")]),
  (group = "apps", version = "v1", kind = "ControllerRevision", plural = "controllerrevisions", singular =
      "controllerrevision", namespaced = true, verbs = ["create", "delete", "deletecollection", "get", "list", "patch",
      "update", "watch"], selectableFields = ["metadata.name", "metadata.namespace"], columns = [(name = "Name", type =
      "string", format = "name"), (name = "Controller", type = "string"), (name = "Revision", type = "string"), (name =
      "Age", type = "string")]),
  (group = "apps", version = "v1", kind = "DaemonSet", plural = "daemonsets", singular = "daemonset", shortNames =
      ["ds"], categories = ["all"], namespaced = true, verbs = ["create", "delete", "deletecollection", "get", "list",
      "patch", "update", "watch"], subresources = [(name = "status", group = "apps", version = "v1", kind =
      "DaemonSet", verbs = ["get", "patch", "update"])], selectableFields = ["metadata.name", "metadata.namespace"],
      columns = [(name = "Name", type = "string", format = "name"), (name = "Desired", type = "integer"), (name =
      "Current", type = "integer"), (name = "Ready", type = "integer"), (name = "Up-to-date", type = "integer"), (name
      = "Available", type = "integer"), (name = "Node Selector", type = "string"), (name = "Age", type = "string"),
      (name = "Containers", type = "string", priority = 1), (name = "Images", type = "string", priority = 1), (name =
      "Selector", type = "string", priority = 1)]),
  (group = "apps", version = "v1", kind = "Deployment", plural = "deployments", singular = "deployment", shortNames =
      ["deploy"], categories = ["all"], namespaced = true, verbs = ["create", "delete", "deletecollection", "get",
      "list", "patch", "update", "watch"], subresources = [(name = "scale", group = "autoscaling", version = "v1", kind
      = "Scale", verbs = ["get", "patch", "update"]), (name = "status", group = "apps", version = "v1", kind =
      "Deployment", verbs = ["get", "patch", "update"])], selectableFields = ["metadata.name", "metadata.namespace"],
      columns = [(name = "Name", type = "string", format = "name"), (name = "Ready", type = "string"), (name =
      "Up-to-date", type = "string"), (name = "Available", type = "string"), (name = "Age", type = "string"), (name =
      "Containers", type = "string", priority = 1), (name = "Images", type = "string", priority = 1), (name =
      "Selector", type = "string", priority = 1)]),
  (group = "apps", version = "v1", kind = "ReplicaSet", plural = "replicasets", singular = "replicaset", shortNames =
      ["rs"], categories = ["all"], namespaced = true, verbs = ["create", "delete", "deletecollection", "get", "list",
      "patch", "update", "watch"], subresources = [(name = "scale", group = "autoscaling", version = "v1", kind =
      "Scale", verbs = ["get", "patch", "update"]), (name = "status", group = "apps", version = "v1", kind =
      "ReplicaSet", verbs = ["get", "patch", "update"])], selectableFields = ["metadata.name", "metadata.namespace",
      "status.replicas"], columns = [(name = "Name", type = "string", format = "name"), (name = "Desired", type =
      "integer"), (name = "Current", type = "integer"), (name = "Ready", type = "integer"), (name = "Age", type =
      "string"), (name = "Containers", type = "string", priority = 1), (name = "Images", type = "string", priority =
      1), (name = "Selector", type = "string", priority = 1)]),
  (group = "apps", version = "v1", kind = "StatefulSet", plural = "statefulsets", singular = "statefulset", shortNames
      = ["sts"], categories = ["all"], namespaced = true, verbs = ["create", "delete", "deletecollection", "get",
      "list", "patch", "update", "watch"], subresources = [(name = "scale", group = "autoscaling", version = "v1", kind
      = "Scale", verbs = ["get", "patch", "update"]), (name = "status", group = "apps", version = "v1", kind =
      "StatefulSet", verbs = ["get", "patch", "update"])], selectableFields = ["metadata.name", "metadata.namespace"],
      columns = [(name = "Name", type = "string", format = "name"), (name = "Ready", type = "string"), (name = "Age",
      type = "string"), (name = "Containers", type = "string", priority = 1), (name = "Images", type = "string",
      priority = 1)]),
  (group = "batch", version = "v1", kind = "CronJob", plural = "cronjobs", singular = "cronjob", shortNames = ["cj"],
      categories = ["all"], namespaced = true, verbs = ["create", "delete", "deletecollection", "get", "list", "patch",
      "update", "watch"], subresources = [(name = "status", group = "batch", version = "v1", kind = "CronJob", verbs =
      ["get", "patch", "update"])], selectableFields = ["metadata.name", "metadata.namespace"], columns = [(name =
      "Name", type = "string", format = "name"), (name = "Schedule", type = "string"), (name = "Timezone", type =
      "string"), (name = "Suspend", type = "boolean"), (name = "Active", type = "integer"), (name = "Last Schedule",
      type = "string"), (name = "Age", type = "string"), (name = "Containers", type = "string", priority = 1), (name =
      "Images", type = "string", priority = 1), (name = "Selector", type = "string", priority = 1)]),
  (group = "batch", version = "v1", kind = "Job", plural = "jobs", singular = "job", categories = ["all"], namespaced =
      true, verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"], subresources =
      [(name = "status", group = "batch", version = "v1", kind = "Job", verbs = ["get", "patch", "update"])],
      selectableFields = ["metadata.name", "metadata.namespace", "status.successful"], columns = [(name = "Name", type
      = "string", format = "name"), (name = "Status", type = "string"), (name = "Completions", type = "string"), (name
      = "Duration", type = "string"), (name = "Age", type = "string"), (name = "Containers", type = "string", priority
      = 1), (name = "Images", type = "string", priority = 1), (name = "Selector", type = "string", priority = 1)]),
  (group = "autoscaling", version = "v2", kind = "HorizontalPodAutoscaler", plural = "horizontalpodautoscalers",
      singular = "horizontalpodautoscaler", shortNames = ["hpa"], categories = ["all"], namespaced = true, verbs =
      ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"], subresources = [(name =
      "status", group = "autoscaling", version = "v2", kind = "HorizontalPodAutoscaler", verbs = ["get", "patch",
      "update"])], selectableFields = ["metadata.name", "metadata.namespace"], columns = [(name = "Name", type =
      "string", format = "name"), (name = "Reference", type = "string"), (name = "Targets", type = "string"), (name =
      "MinPods", type = "string"), (name = "MaxPods", type = "string"), (name = "Replicas", type = "string"), (name =
      "Age", type = "string")]),
  (group = "autoscaling", version = "v1", kind = "HorizontalPodAutoscaler", plural = "horizontalpodautoscalers",
      singular = "horizontalpodautoscaler", shortNames = ["hpa"], categories = ["all"], namespaced = true, verbs =
      ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"], subresources = [(name =
      "status", group = "autoscaling", version = "v1", kind = "HorizontalPodAutoscaler", verbs = ["get", "patch",
      "update"])], selectableFields = ["metadata.name", "metadata.namespace"], columns = [(name = "Name", type =
      "string", format = "name"), (name = "Reference", type = "string"), (name = "Targets", type = "string"), (name =
      "MinPods", type = "string"), (name = "MaxPods", type = "string"), (name = "Replicas", type = "string"), (name =
      "Age", type = "string")], storedAs = (group = "autoscaling", version = "v2")),
  (group = "policy", version = "v1", kind = "PodDisruptionBudget", plural = "poddisruptionbudgets", singular =
      "poddisruptionbudget", shortNames = ["pdb"], namespaced = true, verbs = ["create", "delete", "deletecollection",
      "get", "list", "patch", "update", "watch"], subresources = [(name = "status", group = "policy", version = "v1",
      kind = "PodDisruptionBudget", verbs = ["get", "patch", "update"])], selectableFields = ["metadata.name",
      "metadata.namespace"], columns = [(name = "Name", type = "string", format = "name"), (name = "Min Available",
      type = "string"), (name = "Max Unavailable", type = "string"), (name = "Allowed Disruptions", type = "integer"),
      (name = "Age", type = "string")]),
  (group = "networking.k8s.io", version = "v1", kind = "IPAddress", plural = "ipaddresses", singular = "ipaddress",
      shortNames = ["ip"], verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
      selectableFields = ["metadata.name"], columns = [(name = "Name", type = "string", format = "name"), (name =
      "ParentRef", type = "string"), (name = "Age", type = "string")]),
  (group = "networking.k8s.io", version = "v1", kind = "Ingress", plural = "ingresses", singular = "ingress",
      shortNames = ["ing"], namespaced = true, verbs = ["create", "delete", "deletecollection", "get", "list", "patch",
      "update", "watch"], subresources = [(name = "status", group = "networking.k8s.io", version = "v1", kind =
      "Ingress", verbs = ["get", "patch", "update"])], selectableFields = ["metadata.name", "metadata.namespace"],
      columns = [(name = "Name", type = "string", format = "name"), (name = "Class", type = "string"), (name = "Hosts",
      type = "string"), (name = "Address", type = "string"), (name = "Ports", type = "string"), (name = "Age", type =
      "string")]),
  (group = "networking.k8s.io", version = "v1", kind = "IngressClass", plural = "ingressclasses", singular =
      "ingressclass", verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
      selectableFields = ["metadata.name"], columns = [(name = "Name", type = "string", format = "name"), (name =
      "Controller", type = "string"), (name = "Parameters", type = "string"), (name = "Age", type = "string")]),
  (group = "networking.k8s.io", version = "v1", kind = "NetworkPolicy", plural = "networkpolicies", singular =
      "networkpolicy", shortNames = ["netpol"], namespaced = true, verbs = ["create", "delete", "deletecollection",
      "get", "list", "patch", "update", "watch"], selectableFields = ["metadata.name", "metadata.namespace"], columns =
      [(name = "Name", type = "string", format = "name"), (name = "Pod-Selector", type = "string"), (name = "Age", type
      = "string")]),
  (group = "networking.k8s.io", version = "v1", kind = "ServiceCIDR", plural = "servicecidrs", singular =
      "servicecidr", verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
      subresources = [(name = "status", group = "networking.k8s.io", version = "v1", kind = "ServiceCIDR", verbs =
      ["get", "patch", "update"])], selectableFields = ["metadata.name"], columns = [(name = "Name", type = "string",
      format = "name"), (name = "CIDRs", type = "string"), (name = "Age", type = "string")]),
  (group = "rbac.authorization.k8s.io", version = "v1", kind = "ClusterRole", plural = "clusterroles", singular =
      "clusterrole", verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
      selectableFields = ["metadata.name"], columns = [(name = "Name", type = "string", format = "name"), (name =
      "Created At", type = "date")]),
  (group = "rbac.authorization.k8s.io", version = "v1", kind = "ClusterRoleBinding", plural = "clusterrolebindings",
      singular = "clusterrolebinding", verbs = ["create", "delete", "deletecollection", "get", "list", "patch",
      "update", "watch"], selectableFields = ["metadata.name"], columns = [(name = "Name", type = "string", format =
      "name"), (name = "Role", type = "string"), (name = "Age", type = "string"), (name = "Users", type = "string",
      priority = 1), (name = "Groups", type = "string", priority = 1), (name = "ServiceAccounts", type = "string",
      priority = 1)]),
  (group = "rbac.authorization.k8s.io", version = "v1", kind = "Role", plural = "roles", singular = "role", namespaced
      = true, verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
      selectableFields = ["metadata.name", "metadata.namespace"], columns = [(name = "Name", type = "string", format =
      "name"), (name = "Created At", type = "date")]),
  (group = "rbac.authorization.k8s.io", version = "v1", kind = "RoleBinding", plural = "rolebindings", singular =
      "rolebinding", namespaced = true, verbs = ["create", "delete", "deletecollection", "get", "list", "patch",
      "update", "watch"], selectableFields = ["metadata.name", "metadata.namespace"], columns = [(name = "Name", type =
      "string", format = "name"), (name = "Role", type = "string"), (name = "Age", type = "string"), (name = "Users",
      type = "string", priority = 1), (name = "Groups", type = "string", priority = 1), (name = "ServiceAccounts", type
      = "string", priority = 1)]),
  (group = "storage.k8s.io", version = "v1", kind = "CSIDriver", plural = "csidrivers", singular = "csidriver", verbs =
      ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"], selectableFields =
      ["metadata.name"], columns = [(name = "Name", type = "string", format = "name"), (name = "AttachRequired", type =
      "boolean"), (name = "PodInfoOnMount", type = "boolean"), (name = "StorageCapacity", type = "boolean"), (name =
      "TokenRequests", type = "string"), (name = "RequiresRepublish", type = "boolean"), (name = "Modes", type =
      "string"), (name = "Age", type = "string")]),
  (group = "storage.k8s.io", version = "v1", kind = "CSINode", plural = "csinodes", singular = "csinode", verbs =
      ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"], selectableFields =
      ["metadata.name"], columns = [(name = "Name", type = "string", format = "name"), (name = "Drivers", type =
      "integer"), (name = "Age", type = "string")]),
  (group = "storage.k8s.io", version = "v1", kind = "CSIStorageCapacity", plural = "csistoragecapacities", singular =
      "csistoragecapacity", namespaced = true, verbs = ["create", "delete", "deletecollection", "get", "list", "patch",
      "update", "watch"], selectableFields = ["metadata.name", "metadata.namespace"], columns = [(name = "Name", type =
      "string", format = "name"), (name = "StorageClassName", type = "string"), (name = "Capacity", type = "string"),
      (name = "Age", type = "string")]),
  (group = "storage.k8s.io", version = "v1", kind = "StorageClass", plural = "storageclasses", singular =
      "storageclass", shortNames = ["sc"], verbs = ["create", "delete", "deletecollection", "get", "list", "patch",
      "update", "watch"], selectableFields = ["metadata.name"], columns = [(name = "Name", type = "string", format =
      "name"), (name = "Provisioner", type = "string"), (name = "ReclaimPolicy", type = "string"), (name =
      "VolumeBindingMode", type = "string"), (name = "AllowVolumeExpansion", type = "string"), (name = "Age", type =
      "string")]),
  (group = "storage.k8s.io", version = "v1", kind = "VolumeAttachment", plural = "volumeattachments", singular =
      "volumeattachment", verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
      subresources = [(name = "status", group = "storage.k8s.io", version = "v1", kind = "VolumeAttachment", verbs =
      ["get", "patch", "update"])], selectableFields = ["metadata.name"], columns = [(name = "Name", type = "string",
      format = "name"), (name = "Attacher", type = "string", format = "name"), (name = "PV", type = "string"), (name =
      "Node", type = "string"), (name = "Attached", type = "boolean"), (name = "Age", type = "string")]),
  (group = "storage.k8s.io", version = "v1", kind = "VolumeAttributesClass", plural = "volumeattributesclasses",
      singular = "volumeattributesclass", shortNames = ["vac"], verbs = ["create", "delete", "deletecollection", "get",
      "list", "patch", "update", "watch"], selectableFields = ["metadata.name"], columns = [(name = "Name", type =
      "string", format = "name"), (name = "DriverName", type = "string"), (name = "Age", type = "string")]),
  (group = "discovery.k8s.io", version = "v1", kind = "EndpointSlice", plural = "endpointslices", singular =
      "endpointslice", namespaced = true, verbs = ["create", "delete", "deletecollection", "get", "list", "patch",
      "update", "watch"], selectableFields = ["metadata.name", "metadata.namespace"], columns = [(name = "Name", type =
      "string", format = "name"), (name = "AddressType", type = "string"), (name = "Ports", type = "string"), (name =
      "Endpoints", type = "string"), (name = "Age", type = "string")]),
  (group = "events.k8s.io", version = "v1", kind = "Event", plural = "events", singular = "event", shortNames = ["ev"],
      namespaced = true, verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
      selectableFields = ["metadata.name", "metadata.namespace", "regarding.kind", "regarding.namespace",
      "regarding.name", "regarding.uid", "regarding.apiVersion", "regarding.resourceVersion", "regarding.fieldPath",
      "reason", "reportingController", "type"], columns = [(name = "Last Seen", type = "string"), (name = "Type", type
      = "string"), (name = "Reason", type = "string"), (name = "Object", type = "string"), (name = "Subobject", type =
      "string", priority = 1), (name = "Source", type = "string", priority = 1), (name = "Message", type = "string"),
      (name = "First Seen", type = "string", priority = 1), (name = "Count", type = "string", priority = 1), (name =
      "Name", type = "string", format = "name", priority = 1)], storedAs = (version = "v1")),
  (group = "coordination.k8s.io", version = "v1", kind = "Lease", plural = "leases", singular = "lease", namespaced =
      true, verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
      selectableFields = ["metadata.name", "metadata.namespace"], columns = [(name = "Name", type = "string", format =
      "name"), (name = "Holder", type = "string"), (name = "Age", type = "string")]),
  (group = "scheduling.k8s.io", version = "v1", kind = "PriorityClass", plural = "priorityclasses", singular =
      "priorityclass", shortNames = ["pc"], verbs = ["create", "delete", "deletecollection", "get", "list", "patch",
      "update", "watch"], selectableFields = ["metadata.name"], columns = [(name = "Name", type = "string", format =
      "name"), (name = "Value", type = "integer"), (name = "Global-Default", type = "boolean"), (name = "Age", type =
      "string"), (name = "PreemptionPolicy", type = "string")]),
  (group = "node.k8s.io", version = "v1", kind = "RuntimeClass", plural = "runtimeclasses", singular = "runtimeclass",
      verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"], selectableFields =
      ["metadata.name"], columns = [(name = "Name", type = "string", format = "name"), (name = "Handler", type =
      "string"), (name = "Age", type = "string")]),
  (group = "admissionregistration.k8s.io", version = "v1", kind = "MutatingAdmissionPolicy", plural =
      "mutatingadmissionpolicies", singular = "mutatingadmissionpolicy", verbs = ["create", "delete",
      "deletecollection", "get", "list", "patch", "update", "watch"], selectableFields = ["metadata.name"], columns =
      [(name = "Name", type = "string", format = "name"), (name = "Mutations", type = "integer"), (name = "ParamKind",
      type = "string"), (name = "Age", type = "string")]),
  (group = "admissionregistration.k8s.io", version = "v1", kind = "MutatingAdmissionPolicyBinding", plural =
      "mutatingadmissionpolicybindings", singular = "mutatingadmissionpolicybinding", verbs = ["create", "delete",
      "deletecollection", "get", "list", "patch", "update", "watch"], selectableFields = ["metadata.name"], columns =
      [(name = "Name", type = "string", format = "name"), (name = "PolicyName", type = "string"), (name = "ParamRef",
      type = "string"), (name = "Age", type = "string")]),
  (group = "admissionregistration.k8s.io", version = "v1", kind = "MutatingWebhookConfiguration", plural =
      "mutatingwebhookconfigurations", singular = "mutatingwebhookconfiguration", categories = ["api-extensions"],
      verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"], selectableFields =
      ["metadata.name"], columns = [(name = "Name", type = "string", format = "name"), (name = "Webhooks", type =
      "integer"), (name = "Age", type = "string")]),
  (group = "admissionregistration.k8s.io", version = "v1", kind = "ValidatingAdmissionPolicy", plural =
      "validatingadmissionpolicies", singular = "validatingadmissionpolicy", verbs = ["create", "delete",
      "deletecollection", "get", "list", "patch", "update", "watch"], subresources = [(name = "status", group =
      "admissionregistration.k8s.io", version = "v1", kind = "ValidatingAdmissionPolicy", verbs = ["get", "patch",
      "update"])], selectableFields = ["metadata.name"], columns = [(name = "Name", type = "string", format = "name"),
      (name = "Validations", type = "integer"), (name = "ParamKind", type = "string"), (name = "Age", type =
      "string")]),
  (group = "admissionregistration.k8s.io", version = "v1", kind = "ValidatingAdmissionPolicyBinding", plural =
      "validatingadmissionpolicybindings", singular = "validatingadmissionpolicybinding", verbs = ["create", "delete",
      "deletecollection", "get", "list", "patch", "update", "watch"], selectableFields = ["metadata.name"], columns =
      [(name = "Name", type = "string", format = "name"), (name = "PolicyName", type = "string"), (name = "ParamRef",
      type = "string"), (name = "Age", type = "string")]),
  (group = "admissionregistration.k8s.io", version = "v1", kind = "ValidatingWebhookConfiguration", plural =
      "validatingwebhookconfigurations", singular = "validatingwebhookconfiguration", categories = ["api-extensions"],
      verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"], selectableFields =
      ["metadata.name"], columns = [(name = "Name", type = "string", format = "name"), (name = "Webhooks", type =
      "integer"), (name = "Age", type = "string")]),
  (group = "authentication.k8s.io", version = "v1", kind = "SelfSubjectReview", plural = "selfsubjectreviews", singular
      = "selfsubjectreview", verbs = ["create"]),
  (group = "authentication.k8s.io", version = "v1", kind = "TokenReview", plural = "tokenreviews", singular =
      "tokenreview", verbs = ["create"]),
  (group = "authorization.k8s.io", version = "v1", kind = "LocalSubjectAccessReview", plural =
      "localsubjectaccessreviews", singular = "localsubjectaccessreview", namespaced = true, verbs = ["create"]),
  (group = "authorization.k8s.io", version = "v1", kind = "SelfSubjectAccessReview", plural =
      "selfsubjectaccessreviews", singular = "selfsubjectaccessreview", verbs = ["create"]),
  (group = "authorization.k8s.io", version = "v1", kind = "SelfSubjectRulesReview", plural = "selfsubjectrulesreviews",
      singular = "selfsubjectrulesreview", verbs = ["create"]),
  (group = "authorization.k8s.io", version = "v1", kind = "SubjectAccessReview", plural = "subjectaccessreviews",
      singular = "subjectaccessreview", verbs = ["create"]),
  (group = "certificates.k8s.io", version = "v1", kind = "CertificateSigningRequest", plural =
      "certificatesigningrequests", singular = "certificatesigningrequest", shortNames = ["csr"], verbs = ["create",
      "delete", "deletecollection", "get", "list", "patch", "update", "watch"], subresources = [(name = "approval",
      group = "certificates.k8s.io", version = "v1", kind = "CertificateSigningRequest", verbs = ["get", "patch",
      "update"]), (name = "status", group = "certificates.k8s.io", version = "v1", kind = "CertificateSigningRequest",
      verbs = ["get", "patch", "update"])], selectableFields = ["metadata.name", "spec.signerName"], columns = [(name =
      "Name", type = "string", format = "name"), (name = "Age", type = "string"), (name = "SignerName", type =
      "string"), (name = "Requestor", type = "string"), (name = "RequestedDuration", type = "string"), (name =
      "Condition", type = "string")]),
  (group = "flowcontrol.apiserver.k8s.io", version = "v1", kind = "FlowSchema", plural = "flowschemas", singular =
      "flowschema", verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
      subresources = [(name = "status", group = "flowcontrol.apiserver.k8s.io", version = "v1", kind = "FlowSchema",
      verbs = ["get", "patch", "update"])], selectableFields = ["metadata.name"], columns = [(name = "Name", type =
      "string", format = "name"), (name = "PriorityLevel", type = "string"), (name = "MatchingPrecedence", type =
      "string"), (name = "DistinguisherMethod", type = "string"), (name = "Age", type = "string"), (name = "MissingPL",
      type = "string")]),
  (group = "flowcontrol.apiserver.k8s.io", version = "v1", kind = "PriorityLevelConfiguration", plural =
      "prioritylevelconfigurations", singular = "prioritylevelconfiguration", verbs = ["create", "delete",
      "deletecollection", "get", "list", "patch", "update", "watch"], subresources = [(name = "status", group =
      "flowcontrol.apiserver.k8s.io", version = "v1", kind = "PriorityLevelConfiguration", verbs = ["get", "patch",
      "update"])], selectableFields = ["metadata.name"], columns = [(name = "Name", type = "string", format = "name"),
      (name = "Type", type = "string"), (name = "NominalConcurrencyShares", type = "string"), (name = "Queues", type =
      "string"), (name = "HandSize", type = "string"), (name = "QueueLengthLimit", type = "string"), (name = "Age",
      type = "string")]),
  (group = "resource.k8s.io", version = "v1", kind = "DeviceClass", plural = "deviceclasses", singular = "deviceclass",
      verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"], selectableFields =
      ["metadata.name"], columns = [(name = "Name", type = "string", format = "name"), (name = "Age", type =
      "string")]),
  (group = "resource.k8s.io", version = "v1", kind = "ResourceClaim", plural = "resourceclaims", singular =
      "resourceclaim", namespaced = true, verbs = ["create", "delete", "deletecollection", "get", "list", "patch",
      "update", "watch"], subresources = [(name = "status", group = "resource.k8s.io", version = "v1", kind =
      "ResourceClaim", verbs = ["get", "patch", "update"])], selectableFields = ["metadata.name",
      "metadata.namespace"], columns = [(name = "Name", type = "string", format = "name"), (name = "State", type =
      "string"), (name = "Age", type = "string")]),
  (group = "resource.k8s.io", version = "v1", kind = "ResourceClaimTemplate", plural = "resourceclaimtemplates",
      singular = "resourceclaimtemplate", namespaced = true, verbs = ["create", "delete", "deletecollection", "get",
      "list", "patch", "update", "watch"], selectableFields = ["metadata.name", "metadata.namespace"], columns = [(name
      = "Name", type = "string", format = "name"), (name = "Age", type = "string")]),
  (group = "resource.k8s.io", version = "v1", kind = "ResourceSlice", plural = "resourceslices", singular =
      "resourceslice", verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
      selectableFields = ["metadata.name", "spec.nodeName", "spec.driver"], columns = [(name = "Name", type = "string",
      format = "name"), (name = "Node", type = "string"), (name = "Driver", type = "string"), (name = "Pool", type =
      "string"), (name = "Age", type = "string")]),
  (group = "apiextensions.k8s.io", version = "v1", kind = "CustomResourceDefinition", plural =
      "customresourcedefinitions", singular = "customresourcedefinition", shortNames = ["crd", "crds"], categories =
      ["api-extensions"], verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
      subresources = [(name = "status", group = "apiextensions.k8s.io", version = "v1", kind =
      "CustomResourceDefinition", verbs = ["get", "patch", "update"])], selectableFields = ["metadata.name"], columns =
      [(name = "Name", type = "string", format = "name"), (name = "Created At", type = "date")]),
  (group = "apiregistration.k8s.io", version = "v1", kind = "APIService", plural = "apiservices", singular =
      "apiservice", categories = ["api-extensions"], verbs = ["create", "delete", "deletecollection", "get", "list",
      "patch", "update", "watch"], subresources = [(name = "status", group = "apiregistration.k8s.io", version = "v1",
      kind = "APIService", verbs = ["get", "patch", "update"])], selectableFields = ["metadata.name"], columns = [(name
      = "Name", type = "string", format = "name"), (name = "Service", type = "string"), (name = "Available", type =
      "string"), (name = "Age", type = "string")]),
  (group = "metrics.k8s.io", version = "v1beta1", kind = "NodeMetrics", plural = "nodes", singular = "nodemetrics",
      verbs = ["get", "list"], selectableFields = ["metadata.name"], columns = [(name = "Name", type = "string", format
      = "name"), (name = "Age", type = "string")]),
  (group = "metrics.k8s.io", version = "v1beta1", kind = "PodMetrics", plural = "pods", singular = "podmetrics",
      namespaced = true, verbs = ["get", "list"], selectableFields = ["metadata.name", "metadata.namespace"], columns =
      [(name = "Name", type = "string", format = "name"), (name = "Age", type = "string")])
];
