// The representative's part of the round by JAX-WS: see ../README.md.
import agents.Agents;
import agents.AgentsService;
import agents.LabelledValue;
import agents.LabelledValueArray;
import agents.Resolution;
import java.net.URL;

final class Desk {
    private Desk() {}

    /** Takes a request, refuses one, does all that a session takes. */
    static void help() throws Exception {
        Agents agents = new AgentsService(new URL(given("agents"))).getAgents();
        String known = Client.call(
                "logon", () -> agents.logon(given("representative"), given("repPassword")));
        Client.tell("setAvailability", () -> agents.setAvailability(known, true));
        Client.call("getEvents", () -> agents.getEvents(known, 0, null, 100));
        Client.tell("acceptRequest", () -> agents.acceptRequest(known, number("wanted")));
        Client.tell("declineRequest", () -> agents.declineRequest(known, number("unwanted")));
        Client.call("startByCode", () -> agents.startByCode(
                known, given("portal"), given("customer"), given("reference")));
        talk(agents, known, number("live"));
        end(agents, known, number("live"));
        Client.call("transferSession", () -> agents.transferSession(
                known, number("other"), given("subPortal"), null));
        Client.tell("logoff", () -> agents.logoff(known));
    }

    private static void talk(Agents agents, String known, long live) throws Exception {
        byte[] content = new byte[256];
        for (int at = 0; at < content.length; at++) {
            content[at] = (byte) at;
        }
        Client.tell("sendChat", () -> agents.sendChat(known, live, given("words")));
        Client.tell("pushUrl", () -> agents.pushUrl(known, live, given("url")));
        Client.tell("sendFile", () -> agents.sendFile(known, live, "every byte.bin", content));
        Client.tell("requestDiagnostics", () -> agents.requestDiagnostics(known, live));
        Client.tell("setScreenSharing", () -> agents.setScreenSharing(known, live, true));
        Client.tell("rebootReconnect", () -> agents.rebootReconnect(known, live, false));
    }

    private static void end(Agents agents, String known, long live) throws Exception {
        String words = given("words");
        LabelledValue rating = new LabelledValue();
        rating.setLabel(words);
        rating.setValue(words);
        LabelledValueArray ratings = new LabelledValueArray();
        ratings.getLabelledValue().add(rating);
        Client.tell("endSession", () -> agents.endSession(
                known, live, Resolution.UNRESOLVED, words, "Ticket", words));
        Client.tell("submitRating", () -> agents.submitRating(known, live, ratings));
    }

    private static String given(String name) {
        return Client.given(name);
    }

    private static long number(String name) {
        return Long.parseLong(given(name));
    }
}
