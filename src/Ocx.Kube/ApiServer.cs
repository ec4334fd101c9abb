using System.Security.Cryptography;
using k8s;
using k8s.Exceptions;
using YamlDotNet.Core;

namespace Ocx.Kube;

/// <summary>The API server that a program works with.</summary>
public static class ApiServer
{
    /// <summary>Takes its address and credentials from <c>KUBECONFIG</c>, or from the pod's account.</summary>
    /// <exception cref="InvalidOperationException">Neither can be used; the message says why.</exception>
    public static Kubernetes Connect()
    {
        try
        {
            return new Kubernetes(KubernetesClientConfiguration.BuildDefaultConfig());
        }
        catch (Exception unusable)
            when (unusable
                    is KubeConfigException
                        or YamlException
                        or IOException
                        or UnauthorizedAccessException
                        or FormatException
                        or CryptographicException
                        or ArgumentException
            )
        {
            throw new InvalidOperationException(
                "cannot use the API server's address and credentials (KUBECONFIG, or the pod's account): "
                    + unusable.Message,
                unusable
            );
        }
    }
}
