namespace Ocx.Mcp.Tcp;

/// <summary>
/// Connections in the order of their newest segments. Its links are in the connections themselves: nearly each segment
/// moves its connection, and a <see cref="LinkedList{T}"/> takes twice as many writes for that.
/// </summary>
internal sealed class ConnectionList
{
    private TcpConnection? _newest;

    /// <summary>The one that has been quiet for longest.</summary>
    public TcpConnection? Quietest { get; private set; }

    /// <summary>Puts it first, wherever it was.</summary>
    public void MoveToFront(TcpConnection connection)
    {
        if (_newest == connection)
        {
            return;
        }

        connection.List?.Remove(connection);
        connection.List = this;
        connection.Older = _newest;
        if (_newest is { } second)
        {
            second.Newer = connection;
        }
        else
        {
            Quietest = connection;
        }

        _newest = connection;
    }

    /// <summary>Takes it out of this list, in which it is.</summary>
    public void Remove(TcpConnection connection)
    {
        (TcpConnection? newer, TcpConnection? older) = (connection.Newer, connection.Older);
        if (newer is not null)
        {
            newer.Older = older;
        }
        else
        {
            _newest = older;
        }

        if (older is not null)
        {
            older.Newer = newer;
        }
        else
        {
            Quietest = newer;
        }

        (connection.List, connection.Newer, connection.Older) = (null, null, null);
    }
}
