using Ocx.Api;
using Ocx.Mcp.Records;
using Ocx.Text;

namespace Ocx.NodeAgent.Calls;

/// <summary>
/// Counts calls and, in bounded memory, the calls of the busiest tools: with more than 256 of them the least busy gives
/// its place, and its count, to the next new one, so that a busy tool is never missed (Space-Saving: Metwally, Agrawal
/// and El Abbadi, 2005). Safe from any thread.
/// </summary>
internal sealed class CallTally : ICallObserver
{
    private const int MaxTools = 256;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _tools = new(MaxTools, StringComparer.Ordinal);
    private long _total;
    private long _errors;

    /// <inheritdoc/>
    public void OnCall(CallRecord call)
    {
        lock (_lock)
        {
            _total++;
            _errors += call.Status
                is CallStatus.ToolError
                    or CallStatus.RpcError
                    or CallStatus.HttpError
                    or CallStatus.Timeout
                ? 1
                : 0;
            if (call is { Method: "tools/call", Name.Length: > 0 })
            {
                AddTool(WireText.Escape(call.Name, CallCounts.LongestName));
            }
        }
    }

    /// <summary>The counts as they are now.</summary>
    public CallCounts Snapshot()
    {
        lock (_lock)
        {
            return new CallCounts
            {
                Total = _total,
                Errors = _errors,
                BusiestTools = CallCounts.Busiest(
                    _tools.Select(tool => new ToolCalls { Name = tool.Key, Calls = tool.Value })
                ),
            };
        }
    }

    private void AddTool(string name)
    {
        if (_tools.TryGetValue(name, out long calls))
        {
            _tools[name] = calls + 1;
        }
        else if (_tools.Count < MaxTools)
        {
            _tools[name] = 1;
        }
        else
        {
            var (least, count) = _tools.MinBy(tool => tool.Value);
            _tools.Remove(least);
            _tools[name] = count + 1;
        }
    }
}
