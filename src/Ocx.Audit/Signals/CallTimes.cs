namespace Ocx.Audit.Signals;

/// <summary>When one client calls one tool: how often within a minute, and how regularly.</summary>
internal struct CallTimes
{
    private const int MinIntervals = 20;
    private const double MostChanges = 0.5;
    private long _minute;
    private int _inMinute;
    private int _inMinuteBefore;
    private long _last;
    private int _lastArguments;
    private RunningStats _intervals;
    private RunningStats _changes;

    /// <summary>Calls within the last minute.</summary>
    public int PerMinute { get; private set; }

    /// <summary>The mean time between calls.</summary>
    public readonly TimeSpan Interval => TimeSpan.FromSeconds(_intervals.Mean);

    /// <summary>How much that varies: the standard deviation as a share of the mean.</summary>
    public readonly double Variation => _intervals.Mean > 0 ? _intervals.Deviation / _intervals.Mean : 1;

    /// <summary>Slow and regular like a timer, and with something new each time.</summary>
    public readonly bool IsBeacon(double regularity) =>
        _intervals.Count >= MinIntervals
        && _intervals.Mean >= 1
        && Variation < regularity
        && _changes.Mean >= MostChanges;

    /// <summary>One more call.</summary>
    /// <param name="time">When.</param>
    /// <param name="arguments">A hash of its arguments.</param>
    public void Add(DateTimeOffset time, int arguments)
    {
        long ticks = time.UtcTicks;
        CountMinute(ticks);
        if (_last != 0)
        {
            _changes.Add(arguments == _lastArguments ? 0 : 1);
            double seconds = TimeSpan.FromTicks(ticks - _last).TotalSeconds;
            // A pause is no part of the rhythm, and calls may be told of in another order.
            bool pause = _intervals.Count >= MinIntervals && seconds > 8 * _intervals.Mean;
            if (seconds >= 0 && !pause)
            {
                _intervals.Add(seconds);
            }
        }

        _lastArguments = arguments;
        // A clock that was set back is believed.
        _last = ticks > _last - TimeSpan.TicksPerMinute ? Math.Max(ticks, _last) : ticks;
    }

    // The minute so far, and of the one before as much as is within 60 seconds.
    private void CountMinute(long ticks)
    {
        long minute = ticks / TimeSpan.TicksPerMinute;
        if (minute == _minute + 1)
        {
            (_minute, _inMinuteBefore, _inMinute) = (minute, _inMinute, 0);
        }
        else if (minute > _minute || minute < _minute - 1)
        {
            (_minute, _inMinuteBefore, _inMinute) = (minute, 0, 0);
        }

        _inMinute = Math.Min(_inMinute, 1_000_000_000) + 1;
        double rest = 1 - ((ticks - (_minute * TimeSpan.TicksPerMinute)) / (double)TimeSpan.TicksPerMinute);
        PerMinute = _inMinute + (int)(_inMinuteBefore * Math.Clamp(rest, 0, 1));
    }
}
