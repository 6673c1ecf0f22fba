import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.RetryInfo;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jumok.v1.Attention;
import jumok.v1.SourceToken;
import jumok.v1.Token;
import jumok.v1.TranslateRequest;
import jumok.v1.TranslateResponse;
import jumok.v1.TranslationServiceGrpc;

/**
 * Translate one text and show, for each token, the source token that got most of the attention.
 *
 * <pre>java Translate TEXT [ADDRESS]</pre>
 */
public final class Translate {
  public static void main(String[] arguments) throws InvalidProtocolBufferException {
    if (arguments.length == 0) {
      System.err.println("usage: java Translate TEXT [ADDRESS]");
      System.exit(2);
    }
    String address = arguments.length > 1 ? arguments[1] : "localhost:50051";
    ManagedChannel channel =
        Grpc.newChannelBuilder(address, InsecureChannelCredentials.create()).build();
    try {
      translate(arguments[0], channel);
    } catch (StatusRuntimeException error) {
      System.err.println(error.getStatus().getCode() + ": " + error.getStatus().getDescription());
      for (Any detail : StatusProto.fromThrowable(error).getDetailsList()) {
        if (detail.is(BadRequest.class)) {
          System.err.print(detail.unpack(BadRequest.class));
        } else if (detail.is(RetryInfo.class)) {
          System.err.print(detail.unpack(RetryInfo.class));
        }
      }
      System.exit(1);
    } finally {
      channel.shutdownNow();
    }
  }

  private static void translate(String text, ManagedChannel channel) {
    TranslateRequest request =
        TranslateRequest.newBuilder()
            .setText(text)
            .setAttention(Attention.ATTENTION_DENSE_BYTES)
            .build();
    Iterator<TranslateResponse> responses =
        TranslationServiceGrpc.newBlockingStub(channel)
            .withDeadlineAfter(10, TimeUnit.SECONDS)
            .translate(request);
    List<String> source = new ArrayList<>();
    while (responses.hasNext()) {
      TranslateResponse response = responses.next();
      switch (response.getEventCase()) {
        case SOURCE:
          for (SourceToken token : response.getSource().getTokensList()) {
            // offsets count code points, Java's strings UTF-16 units
            int start = text.offsetByCodePoints(0, token.getStart());
            int end = text.offsetByCodePoints(0, token.getEnd());
            source.add(start == end ? token.getPiece() : text.substring(start, end));
          }
          break;
        case TOKENS:
          for (Token token : response.getTokens().getTokensList()) {
            // one weight for each source token: float32, little-endian
            FloatBuffer attention =
                token
                    .getAttentionBytes()
                    .asReadOnlyByteBuffer()
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer();
            int best = token.getBestPosition();
            System.out.printf(
                "%s\t%s\t%.2f%n", token.getText(), source.get(best), attention.get(best));
          }
          break;
        case RESULT:
          System.out.println(response.getResult().getHypotheses(0).getText());
          break;
        default:
          break;
      }
    }
  }
}
