using Ocx.State.Clones;

namespace Ocx.State.Tests.Servers;

/// <summary>Clones without a pool.</summary>
internal static class Taking
{
    /// <summary>Makes a clone and takes it.</summary>
    public static async Task<TakenClone> TakeAsync(CloneMaker maker)
    {
        WarmClone warm = await maker.MakeAsync(TestContext.Current.CancellationToken);
        try
        {
            return await warm.TakeAsync(TestContext.Current.CancellationToken);
        }
        catch
        {
            await warm.DisposeAsync();
            throw;
        }
    }
}
