import java.util.List;
import org.openapitools.client.ApiClient;
import org.openapitools.client.api.ModelApi;
import org.openapitools.client.api.PredictionsApi;
import org.openapitools.client.model.OneApplicant;
import org.openapitools.client.model.PipelineInput;
import org.openapitools.client.model.PredictRequest;
import org.openapitools.client.model.Result;

/** Asks a server by the client that openapi-generator makes for Java. */
public class Main {
    public static void main(String[] args) throws Exception {
        ApiClient client = new ApiClient().setBasePath(args[0]);
        OneApplicant alone = new OneApplicant().income(1250000.0).age(34.0).experience(6.0)
            .married(OneApplicant.MarriedEnum.SINGLE).houseOwnership(OneApplicant.HouseOwnershipEnum.RENTED)
            .carOwnership(OneApplicant.CarOwnershipEnum.NO).profession(OneApplicant.ProfessionEnum.CIVIL_ENGINEER)
            .city(OneApplicant.CityEnum.PATNA).state(OneApplicant.StateEnum.BIHAR).currentJobYrs(4.0).currentHouseYrs(12.0);
        PipelineInput first = new PipelineInput().income(1250000.0).age(34.0).experience(6.0)
            .married(PipelineInput.MarriedEnum.SINGLE).houseOwnership(PipelineInput.HouseOwnershipEnum.RENTED)
            .carOwnership(PipelineInput.CarOwnershipEnum.NO).profession(PipelineInput.ProfessionEnum.CIVIL_ENGINEER)
            .city(PipelineInput.CityEnum.PATNA).state(PipelineInput.StateEnum.BIHAR).currentJobYrs(4.0).currentHouseYrs(12.0);
        PipelineInput second = new PipelineInput().income(5100233.0).age(77.5).experience(0.0)
            .houseOwnership(PipelineInput.HouseOwnershipEnum.OWNED).profession(PipelineInput.ProfessionEnum.SURGEON)
            .city(PipelineInput.CityEnum.BHOPAL).state(PipelineInput.StateEnum.MADHYA_PRADESH).currentJobYrs(0.0).currentHouseYrs(14.0);
        for (PredictRequest body : List.of(new PredictRequest(alone), new PredictRequest(List.of(first, second)))) {
            for (Result p : new PredictionsApi(client).predict(body).getResults()) {
                System.out.printf("%s %.3f %.3f%n", p.getPrediction().getValue(), p.getProbabilities().getDefault(), p.getProbabilities().getNoDefault());
            }
        }
        System.out.println(new ModelApi(client).model().getHash());
    }
}
