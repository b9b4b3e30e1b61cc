// The representative's part of the round by .NET's web services: see ../README.md.
using System.Linq;

public static class Desk
{
    /// <summary>Takes a request, refuses one, does all that a session takes.</summary>
    public static void Help()
    {
        var service = new agents.AgentsService();
        var given = Client.Given;
        var known = Client.Call("logon", () => service.logon(given["representative"], given["repPassword"]));
        Client.Tell("setAvailability", () => service.setAvailability(known, true));
        Client.Call("getEvents", () => service.getEvents(known, 0, 0, false, 100, true));
        Client.Tell("acceptRequest", () => service.acceptRequest(known, Number("wanted")));
        Client.Tell("declineRequest", () => service.declineRequest(known, Number("unwanted")));
        Client.Call("startByCode", () => service.startByCode(
            known, given["portal"], given["customer"], given["reference"]));
        Talk(service, known, Number("live"));
        End(service, known, Number("live"));
        Client.Call("transferSession", () => service.transferSession(
            known, Number("other"), given["subPortal"], null));
        Client.Tell("logoff", () => service.logoff(known));
    }

    private static void Talk(agents.AgentsService service, string known, long live)
    {
        var content = Enumerable.Range(0, 256).Select(one => (byte)one).ToArray();
        Client.Tell("sendChat", () => service.sendChat(known, live, Client.Given["words"]));
        Client.Tell("pushUrl", () => service.pushUrl(known, live, Client.Given["url"]));
        Client.Tell("sendFile", () => service.sendFile(known, live, "every byte.bin", content));
        Client.Tell("requestDiagnostics", () => service.requestDiagnostics(known, live));
        Client.Tell("setScreenSharing", () => service.setScreenSharing(known, live, true));
        Client.Tell("rebootReconnect", () => service.rebootReconnect(known, live, false, true));
    }

    private static void End(agents.AgentsService service, string known, long live)
    {
        var words = Client.Given["words"];
        var ratings = new[] { new agents.LabelledValue { label = words, value = words } };
        Client.Tell("endSession", () => service.endSession(
            known, live, agents.Resolution.Unresolved, words, "Ticket", words));
        Client.Tell("submitRating", () => service.submitRating(known, live, ratings));
    }

    private static long Number(string name)
    {
        return long.Parse(Client.Given[name]);
    }
}
