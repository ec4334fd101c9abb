using k8s.Models;

namespace Ocx.Kube;

/// <summary>
/// A node, of which only the metadata is read: thousands of whole ones would fill the operator's memory.
/// </summary>
[KubernetesEntity(Group = "", ApiVersion = "v1", Kind = "Node", PluralName = "nodes")]
public sealed class NodeMetadata() : PartialObject("v1", "Node");
