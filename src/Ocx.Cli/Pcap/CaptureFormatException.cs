namespace Ocx.Cli.Pcap;

/// <summary>The input is no capture file, or stops being one; the message is one line that says where.</summary>
internal sealed class CaptureFormatException(string message) : Exception(message);
