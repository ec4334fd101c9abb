using k8s.Models;
using Ocx.Api;
using Ocx.Audit.Approvals;
using Ocx.Auditor.Approvals;

namespace Ocx.Auditor.Tests.Approvals;

/// <summary>What is asked comes back from an object as it went there, and what others write is plain.</summary>
public sealed class ApprovalObjectTests
{
    private readonly Clock _clock = new();

    [Fact]
    public void A_question_comes_back_as_it_was_asked()
    {
        Approval asked = HeldCall.Asked(_clock.Now, "call-1");
        V1Alpha1McpApproval made = ApprovalObject.Of(asked, string.Empty);
        made.Metadata.CreationTimestamp = _clock.Now.UtcDateTime;
        Approval read = ApprovalObject.Read(made)!;
        Assert.Equal(asked with { Id = $"shop/{made.Name()}", DecidedBy = read.DecidedBy }, read);
        Assert.Matches("^orders-[0-9a-f]{12}$", made.Name());
        Assert.NotEqual(made.Name(), ApprovalObject.Of(asked, "another").Name());

        made.Status = new V1Alpha1McpApprovalStatus
        {
            Decision = "Approve",
            DecidedBy = "ann\u001b[2J",
            UsedAt = ApprovalObject.Format(_clock.Now),
        };
        read = ApprovalObject.Read(made)!;
        Assert.Equal(
            (ApprovalState.Used, "ann\\u{1b}[2J", _clock.Now),
            (read.State(_clock.Now), read.DecidedBy, read.UsedAt)
        );
    }

    [Fact]
    public void What_no_auditor_wrote_is_none()
    {
        V1Alpha1McpApproval made = ApprovalObject.Of(HeldCall.Asked(_clock.Now, "call-1"), string.Empty);
        made.Spec.ExpiresAt = "never";
        Assert.Null(ApprovalObject.Read(made));
        made.Spec = null!;
        Assert.Null(ApprovalObject.Read(made));
    }
}
