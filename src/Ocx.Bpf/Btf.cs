using System.Runtime.InteropServices;
using Ocx.Bpf.Interop;

namespace Ocx.Bpf;

/// <summary>The type information of a BPF object: where its variables and struct members lie.</summary>
public sealed unsafe class Btf
{
    private readonly nint _btf;

    internal Btf(nint btf) => _btf = btf;

    /// <summary>Finds a global variable in a data section such as <c>.rodata</c>.</summary>
    /// <returns>Offset and size in bytes within the section.</returns>
    /// <exception cref="KeyNotFoundException">No such section or variable.</exception>
    public (int Offset, int Size) FindVariable(string section, string name)
    {
        LibBpf.btf_type* type = Find(section, LibBpf.BTF_KIND_DATASEC);
        var variables = new ReadOnlySpan<LibBpf.btf_var_secinfo>(type + 1, type->vlen);
        foreach (ref readonly LibBpf.btf_var_secinfo variable in variables)
        {
            if (NameOf(LibBpf.btf__type_by_id(_btf, variable.type)->name_off) == name)
            {
                return ((int)variable.offset, (int)variable.size);
            }
        }
        throw new KeyNotFoundException($"BTF section {section} has no variable {name}");
    }

    /// <summary>Lists a struct's members in order with their offsets in bytes.</summary>
    /// <returns>The size of the struct in bytes, and the members.</returns>
    /// <exception cref="KeyNotFoundException">No such struct.</exception>
    public (int Size, IReadOnlyList<(string Name, int Offset)> Members) DescribeStruct(string name)
    {
        LibBpf.btf_type* type = Find(name, LibBpf.BTF_KIND_STRUCT);
        var members = new List<(string, int)>(type->vlen);
        foreach (ref readonly LibBpf.btf_member member in new ReadOnlySpan<LibBpf.btf_member>(type + 1, type->vlen))
        {
            members.Add((NameOf(member.name_off), (int)member.offset / 8));
        }
        return ((int)type->size, members);
    }

    private LibBpf.btf_type* Find(string name, uint kind)
    {
        int id = LibBpf.btf__find_by_name_kind(_btf, name, kind);
        return id > 0 ? LibBpf.btf__type_by_id(_btf, (uint)id) : throw new KeyNotFoundException($"BTF has no {name}");
    }

    private string NameOf(uint offset) => Marshal.PtrToStringUTF8(LibBpf.btf__name_by_offset(_btf, offset)) ?? "";
}
