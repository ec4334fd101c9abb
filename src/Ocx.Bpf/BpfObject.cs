using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Ocx.Bpf.Handles;
using Ocx.Bpf.Interop;

namespace Ocx.Bpf;

/// <summary>
/// A BPF ELF object with one program: opened, configured while it is not loaded, then loaded into the kernel.
/// Disposing it closes its file descriptors; a program stays in the kernel while a socket still uses it.
/// </summary>
public sealed unsafe partial class BpfObject : IDisposable
{
    // The kernel's limit for a log is 1 GiB; a rejected program's last 64 KiB hold the reason.
    private const int VerifierLogSize = 64 * 1024;

    private readonly BpfObjectHandle _handle;
    private readonly string _programName;
    private readonly nint _program;

    private BpfObject(BpfObjectHandle handle, string programName)
    {
        _handle = handle;
        _programName = programName;
        _program = LibBpf.bpf_object__find_program_by_name(handle, programName);
        if (_program == 0)
        {
            throw Ensure.LastError($"find the program {programName} in the BPF object");
        }
        Btf = new Btf(LibBpf.bpf_object__btf(handle));
    }

    /// <summary>The object's type information.</summary>
    public Btf Btf { get; }

    /// <summary>The loaded program's file descriptor; owned by this object.</summary>
    public int ProgramFd => Ensure.Success(LibBpf.bpf_program__fd(_program), $"use {_programName}: it is not loaded");

    /// <summary>Parses an ELF object. Nothing reaches the kernel yet.</summary>
    /// <exception cref="BpfException">The bytes are no BPF object, or hold no such program.</exception>
    public static BpfObject Open(ReadOnlySpan<byte> elf, string programName)
    {
        BpfObjectHandle handle = BpfObjectHandle.Open(elf);
        try
        {
            return new BpfObject(handle, programName);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Sets a <c>const volatile</c> global before the load; the verifier then sees a constant.</summary>
    /// <exception cref="KeyNotFoundException">The object has no such constant.</exception>
    /// <exception cref="ArgumentException">The value is larger than the constant.</exception>
    public void SetConstant<T>(string name, ReadOnlySpan<T> value)
        where T : unmanaged
    {
        (int offset, int size) = Btf.FindVariable(".rodata", name);
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(value);
        if (bytes.Length > size)
        {
            throw new ArgumentException($"{name} holds {size} bytes, got {bytes.Length}", nameof(value));
        }
        void* section = LibBpf.bpf_map__initial_value(FindMap(".rodata").Native, out nuint sectionSize);
        bytes.CopyTo(new Span<byte>(section, (int)sectionSize).Slice(offset, size));
    }

    /// <inheritdoc cref="SetConstant{T}(string, ReadOnlySpan{T})"/>
    public void SetConstant<T>(string name, T value)
        where T : unmanaged => SetConstant(name, new ReadOnlySpan<T>(in value));

    /// <summary>Finds a map by its name in the object.</summary>
    /// <exception cref="BpfException">The object has no such map.</exception>
    public BpfMap FindMap(string name)
    {
        nint map = LibBpf.bpf_object__find_map_by_name(_handle, name);
        return map != 0 ? new BpfMap(map, name) : throw Ensure.LastError($"find the map {name} in the BPF object");
    }

    /// <summary>Creates the maps and loads the program into the kernel.</summary>
    /// <exception cref="VerifierException">The verifier rejected the program.</exception>
    /// <exception cref="BpfException">The kernel refused a map or the program for another reason.</exception>
    public void Load()
    {
        byte[] log = GC.AllocateArray<byte>(VerifierLogSize, pinned: true);
        byte* logAddress = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(log));
        Ensure.Success(
            LibBpf.bpf_program__set_log_buf(_program, logAddress, VerifierLogSize),
            "set the verifier's log"
        );
        int result = LibBpf.bpf_object__load(_handle);
        _ = LibBpf.bpf_program__set_log_buf(_program, null, 0);
        if (result >= 0)
        {
            return;
        }
        int end = Array.IndexOf<byte>(log, 0);
        string text = Encoding.UTF8.GetString(log, 0, end < 0 ? log.Length : end);
        throw text.Length > 0
            ? new VerifierException(_programName, -result, text)
            : new BpfException("load the BPF object", -result);
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
